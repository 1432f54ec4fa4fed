import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Testbed } from '../e2e/testbed/index.ts';
import { renderTemplate } from '../src/core/templates/render.ts';

const sshOptions = [
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'LogLevel=ERROR',
  'BatchMode=yes',
];

/** The very script that Homeport sends, by one OpenSSH process a host, all at once. Returns milliseconds. */
export async function openSshRound(bed: Testbed, keyFile: string): Promise<number> {
  const templates = resolve(import.meta.dirname, '../resources/templates');
  const { script } = renderTemplate(templates, 'apt_refresh_analyze', { nonce: 'bench' });
  const started = performance.now();
  await Promise.all(
    bed.hosts.map(async (host) => {
      const options = sshOptions.flatMap((option) => ['-o', option]);
      const args = [
        '-F',
        '/dev/null',
        '-T',
        '-i',
        keyFile,
        ...options,
        `${host.user}@${host.address}`,
        'sudo -n sh',
      ];
      const output = await run('ssh', args, script);
      if (!output.includes('@@bench end')) throw new Error(`${host.name} did not finish its answer`);
    }),
  );
  return performance.now() - started;
}

/** Whether Ansible can be compared with; otherwise why not. */
export function ansibleMissing(): string | null {
  return spawnSync('ansible', ['--version']).error ? 'ansible-core is not installed' : null;
}

/** `apt update_cache` and then the list of what can be upgraded, on all hosts at once. Returns milliseconds. */
export async function ansibleRound(bed: Testbed, keyFile: string, folder: string): Promise<number> {
  const inventory = join(folder, 'inventory');
  writeFileSync(
    inventory,
    bed.hosts
      .map((host) => `${host.name} ansible_host=${host.address} ansible_user=${host.user}`)
      .join('\n') + '\n',
  );
  const common = [
    ...['all', '-i', inventory, '-b', '-f', String(bed.hosts.length), '--private-key', keyFile],
    ...['--ssh-common-args', `-F /dev/null ${sshOptions.map((option) => `-o ${option}`).join(' ')}`],
  ];
  const env = {
    ANSIBLE_HOST_KEY_CHECKING: 'False',
    ANSIBLE_LOCAL_TEMP: folder,
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
  };
  const started = performance.now();
  await run('ansible', [...common, '-m', 'apt', '-a', 'update_cache=yes'], '', env);
  await run('ansible', [...common, '-m', 'command', '-a', 'apt list --upgradable'], '', env);
  return performance.now() - started;
}

function run(
  command: string,
  args: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(output);
      else fail(new Error(`${command} ended with ${code}: ${output.slice(-500)}`));
    });
    child.stdin.end(input);
  });
}
