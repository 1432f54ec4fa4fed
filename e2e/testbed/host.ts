import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { bedFolder, hostFolder, netnsPath } from './bed-folder.ts';
import type { BedRecord, HostRecord } from './bed-folder.ts';
import { execute, quote, until } from './exec.ts';
import type { CommandResult } from './exec.ts';
import { pauseLink, resumeLink } from './network.ts';
import { initOf, killAllIn, listensOn, processesIn } from './processes.ts';
import { makeHostKeys } from './setup-script.ts';
import { publish, serveBehaviour } from './published.ts';
import type { Publication } from './published.ts';
import type { ReleaseRevision } from './repository.ts';
import type { Behaviour } from './repository-server.ts';

const readyTimeoutMs = { light: 30_000, systemd: 90_000 } as const;

export interface RunOptions {
  /** Bytes for the command's standard input. */
  input?: string | Buffer;
  /** Run as this user of the host instead of root (a login shell of POSIX kind is not needed). */
  user?: string;
  /** Milliseconds until the command is killed. Default 120 000. */
  timeoutMs?: number;
}

/** One real Debian host of a testbed. */
export interface TestbedHost extends Readonly<HostRecord> {
  /** OpenSSH private key (PEM) that the login user's authorized_keys accept (unless `auth` forbids keys). */
  readonly privateKey: string;
  /** Fingerprints (`SHA256:…`) of the host's current keys by type name (`ssh-ed25519`, `ecdsa-sha2-nistp256`). */
  hostKeyFingerprints(): Promise<Record<string, string>>;
  /** Runs a shell command as root inside the host, not by SSH. */
  run(command: string, options?: RunOptions): Promise<CommandResult>;
  readFile(path: string): Promise<Buffer>;
  /** Writes a file as root; `mode` octal digits, default 644. */
  writeFile(path: string, content: string | Buffer, mode?: string): Promise<void>;
  /** This boot's id, as in /proc/sys/kernel/random/boot_id. */
  bootId(): Promise<string>;
  /** Cuts the power: nothing inside is told. */
  stop(): Promise<void>;
  /** Orderly shutdown from inside; resolves when the host is off. */
  powerOff(): Promise<void>;
  /** Switches a stopped host on; resolves when it accepts SSH. */
  start(): Promise<void>;
  /** Orderly reboot; resolves when the new boot accepts SSH. */
  reboot(): Promise<void>;
  /** Waits for a boot other than `formerBootId` (when given) that accepts SSH. */
  ready(formerBootId?: string): Promise<void>;
  running(): Promise<boolean>;
  /** Every packet from and to the host is lost without a word (both sides believe that the other is there). */
  pauseNetwork(): Promise<void>;
  resumeNetwork(): Promise<void>;
  /** Restarts the listening sshd; sessions that exist stay. */
  restartSshd(): Promise<void>;
  /** Kills (SIGKILL) the sshd of every session, as an overloaded machine would. */
  killSshSessions(): Promise<void>;
  /** New host keys, as after a reinstallation. */
  regenerateHostKeys(): Promise<void>;
  /** Offers further packages (or versions) to this host only. */
  publish(publications: readonly Publication[]): Promise<void>;
  /** Gives this host Release files that are not as they should be; `{}` is right again. */
  reviseReleases(revision: ReleaseRevision): Promise<void>;
  /** Makes the repository slow, silent or failing for this host; `{}` is normal again. */
  repositoryBehaviour(behaviour: Behaviour): Promise<void>;
}

/** Starts the host's supervisor, which outlives this process. */
export function switchOn(bed: string, host: string): void {
  const folder = hostFolder(bed, host);
  const log = openSync(join(folder, 'log'), 'a', 0o600);
  const child = spawn(
    'nsenter',
    [
      `--net=${netnsPath(bed, host)}`,
      ...[
        '--',
        'unshare',
        '--mount',
        '--propagation',
        'private',
        'sh',
        join(bedFolder(bed), 'shell/supervise.sh'),
      ],
      folder,
    ],
    { detached: true, stdio: ['ignore', log, log], cwd: '/', env: { PATH: process.env['PATH'] } },
  );
  child.unref();
  closeSync(log);
}

function acceptsSsh(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 2000 });
    const end = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-2.0')));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** A handle on a host of an existing testbed. */
export function openHost(bed: BedRecord, record: HostRecord): TestbedHost {
  const folder = hostFolder(bed.name, record.name);
  const netns = netnsPath(bed.name, record.name);

  async function init(): Promise<number> {
    const pid = await initOf(bed.name, record.name);
    if (pid === null) throw new Error(`${record.name} is not running`);
    return pid;
  }

  async function run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    const pid = await init();
    const shell =
      options.user === undefined
        ? ['sh', '-c', command]
        : ['setpriv', '--reuid', options.user, '--regid', options.user, '--init-groups', 'sh', '-c', command];
    const home = options.user === undefined || options.user === 'root' ? '/root' : `/home/${options.user}`;
    return execute(
      'nsenter',
      [
        ...['-t', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd', '--'],
        ...['/usr/bin/env', '-i', `HOME=${home}`, 'LC_ALL=C.UTF-8'],
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ...shell,
      ],
      {
        timeoutMs: options.timeoutMs ?? 120_000,
        ...(options.input === undefined ? {} : { input: options.input }),
      },
    );
  }

  async function mustRun(command: string, input?: string | Buffer): Promise<string> {
    const result = await run(command, input === undefined ? {} : { input });
    if (result.code !== 0)
      throw new Error(`${record.name}: ${command} failed with ${result.code}: ${result.stderr}`);
    return result.stdout;
  }

  async function bootId(): Promise<string> {
    return (await mustRun('cat /proc/sys/kernel/random/boot_id')).trim();
  }

  async function up(formerBootId?: string): Promise<boolean> {
    const pid = await initOf(bed.name, record.name);
    if (pid === null || !(await listensOn(pid, 22))) return false;
    if (!record.behindJump && !(await acceptsSsh(record.address))) return false;
    // pam_nologin turns users away while systemd is still starting.
    const state = await run('test ! -e /run/nologin && cat /proc/sys/kernel/random/boot_id');
    return state.code === 0 && state.stdout.trim() !== formerBootId;
  }

  async function ready(formerBootId?: string): Promise<void> {
    await until(
      `${record.name} accepts SSH`,
      async () => {
        if (await up(formerBootId).catch(() => false)) return true;
        const ended = await readFile(join(folder, 'ended'), 'utf8').catch(() => null);
        if (ended === null) return null;
        const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
        throw new Error(`${record.name} ended with ${ended.trim()} instead of starting: ${log.slice(-2000)}`);
      },
      readyTimeoutMs[record.kind],
    );
  }

  async function off(): Promise<void> {
    await until(
      `${record.name} is off`,
      async () => ((await processesIn([netns])).length === 0 ? true : null),
      30_000,
    );
  }

  return {
    ...record,
    privateKey: bed.privateKey,
    run,
    bootId,
    ready,
    async hostKeyFingerprints() {
      const files = (await mustRun('cat /etc/ssh/ssh_host_*_key.pub')).trim().split('\n');
      return Object.fromEntries(
        files.map((line) => {
          const [type = '', blob = ''] = line.split(' ');
          const hash = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
          return [type, `SHA256:${hash.replace(/=+$/, '')}`];
        }),
      );
    },
    async readFile(path) {
      return Buffer.from(await mustRun(`base64 -w0 < ${quote(path)}`), 'base64');
    },
    async writeFile(path, content, mode = '644') {
      await mustRun(`cat > ${quote(path)} && chmod ${mode} ${quote(path)}`, content);
    },
    async stop() {
      await killAllIn([netns]);
    },
    async powerOff() {
      // The command may be cut off by what it causes; that the host went off is the proof.
      await run(record.kind === 'systemd' ? 'systemctl poweroff' : 'poweroff');
      await off();
    },
    async start() {
      if ((await processesIn([netns])).length > 0) throw new Error(`${record.name} is running already`);
      await rm(join(folder, 'ended'), { force: true });
      switchOn(bed.name, record.name);
      await ready();
    },
    async reboot() {
      const former = await bootId();
      await run(record.kind === 'systemd' ? 'systemctl reboot' : 'reboot');
      await ready(former);
    },
    async running() {
      return (await initOf(bed.name, record.name)) !== null;
    },
    pauseNetwork: () => pauseLink(bed, record),
    resumeNetwork: () => resumeLink(bed, record),
    async restartSshd() {
      if (record.kind === 'systemd') {
        await mustRun('systemctl restart ssh.service');
      } else {
        const former = await mustRun('cat /run/testbed-sshd.pid');
        await mustRun(`kill ${former.trim()}`);
        await until(
          'sshd started again',
          async () => ((await mustRun('cat /run/testbed-sshd.pid')) === former ? null : true),
          10_000,
        );
      }
      await ready();
    },
    async killSshSessions() {
      // Every sshd but the listening one, whose parent is process 1; so is that of a session's second sshd as soon as
      // its first is dead: the list comes first.
      await mustRun(
        'v=; for p in $(pgrep -x sshd) $(pgrep -x sshd-session); do [ "$(ps -o ppid= -p $p | tr -d " ")" = 1 ] || v="$v $p"; done; [ -z "$v" ] || kill -9 $v; true',
      );
    },
    async regenerateHostKeys() {
      await mustRun(makeHostKeys);
      await this.restartSshd();
    },
    async publish(publications) {
      await publish(bed, publications, record);
    },
    async reviseReleases(revision) {
      await publish(bed, [], record, revision);
    },
    async repositoryBehaviour(behaviour) {
      await serveBehaviour(bed.name, record.address, behaviour);
    },
  };
}

/** Notes how long a reboot keeps the host down. */
export async function writeDowntime(bed: string, host: string, seconds: number): Promise<void> {
  await writeFile(join(hostFolder(bed, host), 'downtime'), seconds > 0 ? String(seconds) : '');
}
