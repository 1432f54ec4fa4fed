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

/**
 * What a tile needs, asked as anybody would ask it by hand: refresh, both simulations, what is held, kept back, no longer
 * needed, how much is to be fetched, dpkg's states, and the host's system, disks, kernel and need of a reboot.
 */
const plainCommands = `
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -s --with-new-pkgs upgrade
apt-get -s dist-upgrade
apt-get -s autoremove
apt-get -q -y --print-uris dist-upgrade
apt list --upgradable 2>/dev/null
apt-mark showhold
dpkg-query -W -f '\${db:Status-Abbrev} \${binary:Package} \${Version}\n'
cat /etc/os-release; hostname; uname -r; ls /boot; systemd-detect-virt; uptime; cat /proc/meminfo; df -Pkl
cat /proc/sys/kernel/random/boot_id; cat /run/reboot-required /run/reboot-required.pkgs 2>/dev/null
echo @@bench end
`;

/** How OpenSSH is asked: `commands` as typed by hand, or `script`, the very script that Homeport sends. */
export type OpenSshWay = 'commands' | 'script';

/** One OpenSSH process a host, all at once. Returns milliseconds. */
export async function openSshRound(bed: Testbed, keyFile: string, way: OpenSshWay): Promise<number> {
  const templates = resolve(import.meta.dirname, '../resources/templates');
  const input =
    way === 'commands'
      ? plainCommands
      : renderTemplate(templates, 'apt_refresh_analyze', { nonce: 'bench' }).script;
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
      const output = await run('ssh', args, input);
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
