import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  connect as connectSocket,
  createServer,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import ssh2, {
  type AuthContext,
  type Connection,
  type PseudoTtyInfo,
  type ServerChannel,
  type ServerConfig,
  type Session,
} from 'ssh2';
import { presentedHostKey } from '../host-key.ts';
import type { SecretField, SshDirectory, SshTarget } from '../types.ts';
import { readableKey } from './keys.ts';

/** An SSH server inside the test process: logs what it was asked, runs commands by the local /bin/sh. */
export interface TestServer {
  readonly port: number;
  /** Authentication requests that reached it, "none" included, as `method` or `method:secret`. */
  readonly authentications: string[];
  readonly commands: string[];
  /** Connections accepted so far. */
  readonly connectionCount: number;
  /** TCP connections open now. */
  readonly openSockets: number;
  /** Breaks all TCP connections. */
  cut(): void;
  /** Stops reading and answering on all connections, as a black hole does. */
  freeze(): void;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly config?: Partial<ServerConfig>;
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  readonly password?: string;
  readonly onAuthentication?: (context: AuthContext) => void;
  /** Takes a started command over; by default the local sh runs it. */
  readonly onCommand?: (command: string, channel: ServerChannel) => void;
  /** Takes an interactive shell over; `session` tells of "window-change". Without it shells are refused. */
  readonly onShell?: (channel: ServerChannel, session: Session, pty: PseudoTtyInfo) => void;
  readonly maxSessions?: number;
  readonly allowForward?: boolean;
}

const keyCache = new Map<string, string>();
export function testKey(type: 'ed25519' | 'ecdsa' | 'rsa'): string {
  const cached = keyCache.get(type);
  if (cached !== undefined) return cached;
  const key = readableKey(() =>
    type === 'ed25519'
      ? ssh2.utils.generateKeyPairSync('ed25519').private
      : type === 'ecdsa'
        ? ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private
        : ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).private,
  );
  keyCache.set(type, key);
  return key;
}

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const authentications: string[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  const password = options.password ?? 'correct horse';

  const onConnection = (connection: Connection) => {
    let sessions = 0;
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      authentications.push(context.method === 'password' ? `password:${context.password}` : context.method);
      if (options.onAuthentication) options.onAuthentication(context);
      else if (context.method === 'password' && context.password === password) context.accept();
      else context.reject(['password']);
    });
    connection.on('tcpip', (accept, reject, info) => {
      if (options.allowForward !== true) {
        reject();
        return;
      }
      const upstream = connectSocket({ host: info.destIP, port: info.destPort });
      upstream.once('error', () => {
        reject();
      });
      upstream.once('connect', () => {
        const channel = accept();
        channel.pipe(upstream).pipe(channel);
        upstream.on('error', () => channel.close());
        channel.on('close', () => upstream.destroy());
      });
    });
    connection.on('session', (accept, reject) => {
      if (sessions >= (options.maxSessions ?? Infinity)) {
        reject();
        return;
      }
      sessions += 1;
      const session = accept();
      session.on('close', () => {
        sessions -= 1;
      });
      let pty: PseudoTtyInfo | null = null;
      session.on('pty', (acceptPty, _reject, info) => {
        pty = info;
        acceptPty();
      });
      session.on('env', (acceptEnv) => {
        // Absent where the client wants no answer, as ours.
        (acceptEnv as (() => void) | undefined)?.();
      });
      session.on('shell', (acceptShell, rejectShell) => {
        if (options.onShell === undefined || pty === null) {
          rejectShell();
          return;
        }
        const channel = acceptShell();
        channel.on('error', () => undefined);
        options.onShell(channel, session, pty);
      });
      session.on('exec', (acceptCommand, _reject, info) => {
        commands.push(info.command);
        const channel = acceptCommand();
        channel.on('error', () => undefined);
        if (options.onCommand) options.onCommand(info.command, channel);
        else runLocally(info.command, channel);
      });
    });
  };

  const ssh = new ssh2.Server(
    { hostKeys: (options.hostKeyTypes ?? ['ed25519']).map(testKey), ...options.config },
    onConnection,
  );
  const net: NetServer = createServer((socket) => {
    connectionCount += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  net.listen(0, '127.0.0.1');
  await once(net, 'listening');

  return {
    port: (net.address() as AddressInfo).port,
    authentications,
    commands,
    get connectionCount() {
      return connectionCount;
    },
    get openSockets() {
      return sockets.size;
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freeze() {
      for (const socket of sockets) {
        socket.removeAllListeners('data');
        socket.pause();
      }
    },
    async close() {
      if (!net.listening) return;
      for (const socket of sockets) socket.destroy();
      net.close();
      await once(net, 'close');
    },
  };
}

/** Runs a command as sshd does: in a session of its own, with pipes, no terminal. */
export function runLocally(command: string, channel: ServerChannel, shell = '/bin/sh'): void {
  const child = spawn(shell, ['-c', command], { detached: true, stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  child.on('close', (code, signal) => {
    channel.unpipe(child.stdin);
    channel.resume();
    if (code !== null) channel.exit(code);
    else if (signal !== null) channel.exit(signal.slice(3));
    channel.end();
  });
}

export interface TestDirectory extends SshDirectory {
  readonly targets: Map<string, SshTarget>;
  readonly secrets: Map<string, string>;
  /** Every secret that was asked for, as `machine.field`. */
  readonly asked: string[];
  /** Fingerprints shown by `checkHostKey`. */
  readonly shown: string[];
  checkHostKey: SshDirectory['checkHostKey'];
  verdict: Awaited<ReturnType<SshDirectory['checkHostKey']>>;
  approvedTypes: readonly string[];
}

export function createTestDirectory(): TestDirectory {
  const targets = new Map<string, SshTarget>();
  const secrets = new Map<string, string>();
  const asked: string[] = [];
  const shown: string[] = [];
  return {
    targets,
    secrets,
    asked,
    shown,
    verdict: 'approved',
    approvedTypes: [],
    target(machineId) {
      const target = targets.get(machineId);
      if (target === undefined) throw new Error(`no target ${machineId}`);
      return target;
    },
    async secret(machineId, field: SecretField) {
      asked.push(`${machineId}.${field}`);
      return secrets.get(`${machineId}.${field}`) ?? null;
    },
    async checkHostKey(_target, key) {
      shown.push(key.fingerprintSha256);
      return this.verdict;
    },
    approvedKeyTypes() {
      return this.approvedTypes;
    },
  };
}

export function fingerprintOf(type: 'ed25519' | 'ecdsa' | 'rsa'): string {
  const key = ssh2.utils.parseKey(testKey(type));
  if (key instanceof Error) throw key;
  return presentedHostKey(key.getPublicSSH()).fingerprintSha256;
}

export function targetAt(port: number, more: Partial<SshTarget> = {}): SshTarget {
  return {
    machineId: 'm1',
    name: 'one',
    hostname: '127.0.0.1',
    port,
    username: 'ops',
    authMethod: 'password',
    sudoMode: 'none',
    jumpMachineId: null,
    allowLegacyAlgorithms: false,
    ...more,
  };
}

/** `type base64`, as in a .pub file. */
export function publicLine(type: 'ed25519' | 'ecdsa' | 'rsa'): string {
  const key = ssh2.utils.parseKey(testKey(type));
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}
