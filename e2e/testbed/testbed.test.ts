import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { ConnectConfig } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subnetsOf } from './bed-folder.ts';
import { execute } from './exec.ts';
import type { CommandResult } from './exec.ts';
import { createTestbed, openTestbed, removeTestbed, unavailableReason, until } from './index.ts';
import type { Testbed, TestbedHost } from './index.ts';

const reason = unavailableReason();
const suffix = reason === null ? '' : ` (skipped: ${reason})`;

/** Runs a command on the host by the OpenSSH client with the testbed's key. */
async function ssh(host: TestbedHost, command: string): Promise<CommandResult> {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-'));
  try {
    await writeFile(join(folder, 'id'), host.privateKey, { mode: 0o600 });
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
    ];
    return await execute(
      'ssh',
      [
        ...['-F', 'none', '-i', join(folder, 'id'), ...options.flatMap((option) => ['-o', option])],
        ...['-o', 'ConnectTimeout=5', '-p', String(host.port), `${host.user}@${host.address}`, command],
      ],
      // The client's own locale must not reach the host.
      { env: { PATH: process.env['PATH'] }, timeoutMs: 60_000 },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether a login with these credentials succeeds; the answer to every prompt is the password. */
function logsIn(host: TestbedHost, credentials: ConnectConfig): Promise<boolean> {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    client.on('ready', () => {
      client.end();
      resolve(true);
    });
    client.on('error', () => resolve(false));
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => host.password)),
    );
    client.connect({ host: host.address, username: host.user, ...credentials });
  });
}

function planned(output: string): string[] {
  return output.split('\n').filter((line) => /^(Inst|Remv) /.test(line));
}

/** Everything on the machine that a testbed of that name would have made. */
async function traces(name: string, subnet: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  const links = (await execute('ip', ['-brief', 'link'])).stdout.split('\n');
  const names = await readdir('/run/netns').catch(() => []);
  const processes: string[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`/run/homeport-testbed/${name}`)) processes.push(command.replaceAll('\0', ' '));
  }
  const cgroups = await execute('find', ['/sys/fs/cgroup', '-path', `*homeport-testbed/${name}*`]);
  return [
    ...mounts.filter((line) => line.includes(`homeport-testbed/${name}`)),
    ...links.filter((line) => line.startsWith(`hpbr${subnet} `) || line.startsWith(`hp${subnet}h`)),
    ...names.filter((entry) => entry.startsWith(`hp.${name}.`)),
    ...processes,
    ...(await readdir('/run/homeport-testbed')).filter((entry) => entry === name),
    ...cgroups.stdout.split('\n').filter((line) => line !== ''),
  ];
}

const subnetOf = (bed: Testbed) => bed.gateway.split('.')[2] ?? '';

describe.skipIf(reason !== null)(`the testbed${suffix}`, () => {
  let bed: Testbed;

  beforeAll(async () => {
    bed = await createTestbed({
      name: 'test-light',
      hosts: [
        { name: 'plain', sudo: 'password' },
        { name: 'french', locale: 'fr_FR.UTF-8', packages: ['plain'] },
        { name: 'fish', shell: 'fish', sudo: 'nopasswd', packages: ['clean'], rebootPending: true },
        { name: 'noisy', noisy: true, sudo: 'none', auth: 'password', packages: ['slow'], slowSeconds: 2 },
        { name: 'other', sudo: 'separate', auth: 'keyboard-interactive', packages: ['reboot', 'conf'] },
        { name: 'rooted', sudo: 'root', auth: 'key', packages: ['fail', 'chatty', 'big'] },
        { name: 'bare', sudo: 'missing', auth: 'key+password', behindJump: true, packages: [] },
      ],
    });
  }, 900_000);

  afterAll(async () => {
    await removeTestbed('test-light');
  });

  it('gives hosts that the OpenSSH client reaches as the user', async () => {
    const host = bed.host('plain');
    const result = await ssh(
      host,
      'id -un; hostname; cat /proc/sys/kernel/random/boot_id; test -e /run/systemd/system',
    );
    expect(result.stdout.split('\n')).toEqual(['ops', 'plain', await host.bootId(), '']);
    expect(result.code).toBe(1);
  });

  it('offers exactly the expected upgrades, also after a real apt-get update', async () => {
    const host = bed.host('plain');
    const architecture = (await execute('dpkg', ['--print-architecture'])).stdout.trim();
    const expected = [
      'Remv hp-obsolete [1.0]',
      'Inst hp-conf [1.0] (1.1 Debian:12.12/oldstable [amd64])',
      'Inst hp-newdep (1.0 Debian:12.12/oldstable [amd64])',
      'Inst hp-kept [1.0] (1.1 Debian:12.12/oldstable [amd64])',
      'Inst hp-plain [1.0] (1.1 Debian:12.12/oldstable [amd64])',
      'Inst hp-plain2 [1.0] (1.1 Debian:12.12/oldstable [all])',
      'Inst hp-plain3 [1.0] (1.1 Debian:12.12/oldstable [amd64])',
      'Inst hp-reboot [1.0] (1.1 Debian:12.12/oldstable [amd64])',
      'Inst hp-secure [2.4-1] (2.4-1+deb12u1 Debian-Security:12/oldstable-security [amd64])',
      'Inst hp-swap [1.0] (1.1 Debian:12.12/oldstable [amd64])',
    ].map((line) => line.replace('[amd64]', `[${architecture}]`));
    const before = await host.run('apt-get -s dist-upgrade');
    expect(planned(before.stdout)).toEqual(expected);
    const update = await host.run('apt-get update');
    expect(update.stderr).toBe('');
    expect(update.code).toBe(0);
    const after = await host.run('apt-get -s dist-upgrade');
    expect(planned(after.stdout)).toEqual(expected);
    const safe = await host.run('apt-get -s --with-new-pkgs upgrade');
    expect(planned(safe.stdout)).not.toContain(expected[0]);
    expect(planned((await host.run('apt-get -s autoremove')).stdout)).toEqual(['Remv hp-auto [1.0]']);
    expect((await host.run('apt-mark showhold')).stdout).toBe('hp-held\n');
    expect(planned((await bed.host('fish').run('apt-get -s dist-upgrade')).stdout)).toEqual([]);
  });

  it('has accounts, shells and locales as asked for', async () => {
    const french = await ssh(bed.host('french'), 'apt-get -s dist-upgrade');
    expect(french.stdout).toContain('1 mis à jour');
    const fish = await ssh(
      bed.host('fish'),
      'echo $FISH_VERSION; sudo -n id -un; cat /run/reboot-required.pkgs',
    );
    expect(fish.stdout).toMatch(/^3\.\d+\.\d+\nroot\nlinux-image-amd64\n$/);
    const { noisy, other, rooted, bare } = {
      noisy: bed.host('noisy'),
      other: bed.host('other'),
      rooted: bed.host('rooted'),
      bare: bed.host('bare'),
    };
    expect(await logsIn(noisy, { password: noisy.password })).toBe(true);
    expect(await logsIn(noisy, { privateKey: noisy.privateKey })).toBe(false);
    expect(await logsIn(other, { password: other.password })).toBe(false);
    expect(await logsIn(other, { tryKeyboard: true })).toBe(true);
    expect(await logsIn(rooted, { password: rooted.password })).toBe(false);
    expect((await ssh(rooted, 'id -u')).stdout).toBe('0\n');
    const sudo = (host: TestbedHost, password: string) =>
      host.run("sudo -k -S -p '' id -u", { user: 'ops', input: `${password}\n` });
    expect((await sudo(bed.host('plain'), bed.host('plain').password)).stdout).toBe('0\n');
    expect((await sudo(other, other.password)).stdout).toBe('');
    expect((await sudo(other, other.rootPassword)).stdout).toBe('0\n');
    expect((await sudo(noisy, noisy.password)).stderr).toContain('is not in the sudoers file');
    const su = await bare.run("command -v sudo; su -c 'id -u'", {
      user: 'ops',
      input: `${bare.rootPassword}\n`,
    });
    expect(su.stdout).toBe('0\n');
    const jump = await rooted.run(`timeout 5 ssh-keyscan -t ed25519 bare 2>/dev/null`);
    expect(jump.stdout).toContain('bare ssh-ed25519 ');
    expect(await logsIn(bare, { password: bare.password, readyTimeout: 1500 })).toBe(false);
  });

  it('has host keys of its own in each host, new ones on demand', async () => {
    const [one, two] = [bed.host('french'), bed.host('fish')];
    const before = await one.hostKeyFingerprints();
    expect(Object.keys(before).sort()).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519']);
    expect(before['ssh-ed25519']).not.toBe((await two.hostKeyFingerprints())['ssh-ed25519']);
    await one.regenerateHostKeys();
    const after = await one.hostKeyFingerprints();
    expect(after['ssh-ed25519']).not.toBe(before['ssh-ed25519']);
    const scan = await execute('sh', [
      '-c',
      `ssh-keyscan -t ed25519 ${one.address} 2>/dev/null | ssh-keygen -lf -`,
    ]);
    expect(scan.stdout).toContain(after['ssh-ed25519']);
  });

  it('runs a real upgrade with status lines, non-ASCII output and a reboot request', async () => {
    const upgrade = (host: TestbedHost) =>
      host.run(
        'DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -y -o APT::Status-Fd=3 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold dist-upgrade 3>/root/status </dev/null',
      );
    const slow = await upgrade(bed.host('noisy'));
    expect(slow.code).toBe(0);
    expect(slow.stdout).toContain('étape ✓');
    expect(slow.stdout).toContain('step 2 of 2');
    const status = (await bed.host('noisy').readFile('/root/status')).toString();
    expect(status).toMatch(/^dlstatus:1:/m);
    expect(status).toMatch(/^pmstatus:hp-slow:\d/m);

    const other = bed.host('other');
    expect((await upgrade(other)).code).toBe(0);
    expect((await other.readFile('/run/reboot-required.pkgs')).toString()).toBe('hp-reboot\n');
    expect((await other.readFile('/etc/hp-conf/hp.conf')).toString()).toContain('set by hand');
    expect((await other.readFile('/etc/hp-conf/hp.conf.dpkg-dist')).toString()).toContain('new_setting');

    const failing = await upgrade(bed.host('rooted'));
    expect(failing.code).toBe(100);
    expect(failing.stdout.length).toBeGreaterThan(2_000_000);
    const states = await bed.host('rooted').run("dpkg-query -W -f '${db:Status-Abbrev}${Package}\\n' 'hp-*'");
    expect(states.stdout).toContain('iF hp-fail');
    expect(states.stdout).toContain('ii hp-chatty');
  });

  it('publishes packages to one host or to all', async () => {
    const definition = { name: 'hp-plain', version: '1.2' };
    const update = async (host: TestbedHost) => {
      expect((await host.run('apt-get update')).stderr).toBe('');
      return planned((await host.run('apt-get -s dist-upgrade')).stdout);
    };
    await bed.host('french').publish([{ definition, archive: 'security' }]);
    expect((await update(bed.host('french')))[0]).toContain('(1.2 Debian-Security:12/');
    expect(await update(bed.host('fish'))).toEqual([]);
    await bed.publish([{ definition: { name: 'hp-plain2', version: '3.0' } }]);
    expect((await update(bed.host('fish')))[0]).toContain('Inst hp-plain2 [1.1] (3.0 Debian:12');
    await bed.host('fish').repositoryBehaviour({ status: 503 });
    expect((await bed.host('fish').run('apt-get update -o Acquire::Retries=0')).stderr).toContain('503');
    await bed.host('fish').repositoryBehaviour({});
    expect((await bed.host('fish').run('apt-get update')).stderr).toBe('');
  });

  it('reboots, stops and starts, each time with another boot id', async () => {
    const host = bed.host('fish');
    await host.writeFile('/root/kept', 'yes');
    const ids = [await host.bootId()];
    expect((await host.run('test -e /run/reboot-required')).code).toBe(0);
    await host.reboot();
    ids.push(await host.bootId());
    expect((await host.run('test -e /run/reboot-required')).code).toBe(1);
    // As the product does it: by SSH, which is cut off.
    await ssh(host, 'sudo shutdown -r now');
    await host.ready(ids[1]);
    ids.push(await host.bootId());
    await host.powerOff();
    expect(await host.running()).toBe(false);
    await host.start();
    ids.push(await host.bootId());
    await host.stop();
    expect(await host.running()).toBe(false);
    await host.start();
    ids.push(await host.bootId());
    expect(new Set(ids).size).toBe(5);
    expect((await host.readFile('/root/kept')).toString()).toBe('yes');
  });

  it('loses packets silently while the network is paused, and goes on afterwards', async () => {
    const host = bed.host('french');
    const client = new ssh2.Client();
    client.connect({ host: host.address, username: host.user, privateKey: host.privateKey });
    await once(client, 'ready');
    await host.pauseNetwork();
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({ host: host.address, port: 22, timeout: 5000 });
      socket.on('connect', () => resolve('connected'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      socket.on('timeout', () => resolve('silence'));
      socket.on('close', () => socket.destroy());
    });
    expect(outcome).toBe('silence');
    await host.resumeNetwork();
    const said = new Promise<string>((resolve, reject) => {
      client.exec('echo still here', (error, channel) => {
        if (error) reject(error);
        else channel.on('data', (data: Buffer) => resolve(data.toString()));
      });
    });
    expect(await said).toBe('still here\n');

    await host.restartSshd();
    expect((await ssh(host, 'true')).code).toBe(0);
    const ended = once(client, 'close');
    client.on('error', () => undefined);
    await host.killSshSessions();
    await ended;
    expect((await ssh(host, 'true')).code).toBe(0);
  });

  it('is found by other processes, and leaves nothing when closed', async () => {
    expect((await openTestbed('test-light'))?.hosts.map((host) => host.name)).toEqual(
      bed.hosts.map((host) => host.name),
    );
    expect((await traces('test-light', subnetOf(bed))).length).toBeGreaterThan(bed.hosts.length);
    await bed.close();
    expect(await traces('test-light', subnetOf(bed))).toEqual([]);
    expect(await openTestbed('test-light')).toBeNull();
  });

  it('cleans up after a process that was killed while it made hosts', async () => {
    const script = `import { createTestbed } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      await createTestbed({ name: 'test-killed', hosts: [{ name: 'a' }, { name: 'b', kind: 'systemd' }] });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    await until(
      'a host has begun to start',
      async () =>
        (await traces('test-killed', 'none')).some((line) => line.includes('supervise.sh')) ? true : null,
      60_000,
      5,
    );
    child.kill('SIGKILL');
    await exited;
    const [subnet] = await subnetsOf('test-killed');
    await removeTestbed('test-killed');
    expect(await traces('test-killed', String(subnet))).toEqual([]);
    expect(await subnetsOf('test-killed')).toEqual([]);
  });
});

describe.skipIf(reason !== null)(`a systemd host${suffix}`, () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await createTestbed({
      name: 'test-systemd',
      hosts: [{ name: 'full', kind: 'systemd', sudo: 'nopasswd', packages: ['plain'] }],
    });
  }, 900_000);
  afterAll(async () => {
    await removeTestbed('test-systemd');
  });

  it('boots systemd, runs transient units and reboots', async () => {
    const host = bed.host('full');
    await until(
      'the system has started',
      async () => ((await host.run('systemctl is-system-running')).stdout === 'running\n' ? true : null),
      30_000,
    );
    const unit = await ssh(
      host,
      'sudo systemd-run --quiet --collect --wait --pipe --unit=probe cat /proc/self/cgroup',
    );
    expect(unit.stdout).toContain('/system.slice/probe.service');
    const former = await host.bootId();
    await ssh(host, 'sudo systemctl reboot');
    await host.ready(former);
    expect(await host.bootId()).not.toBe(former);
    await host.restartSshd();
    await host.powerOff();
    await host.start();
    expect((await ssh(host, 'hostname')).stdout).toBe('full\n');
    await bed.close();
    expect(await traces('test-systemd', subnetOf(bed))).toEqual([]);
  });
});
