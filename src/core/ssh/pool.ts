import { AppError } from '../../shared/domain/errors.ts';
import { scanKey, type SshConnection } from './connection.ts';
import { createDeadline, orAborted, type Deadline } from './deadline.ts';
import { diagnoseMachine } from './diagnosis.ts';
import { beginOn, execIn, execOn, NotStarted } from './exec.ts';
import { createLink } from './link.ts';
import { createSftp } from './sftp.ts';
import { establish, jumpChain, openRoute, type Lease, type PoolContext } from './route.ts';
import { createShell } from './shell.ts';
import { createSudoMemory, refuseWithoutSudo } from './sudo.ts';
import type {
  ExecRequest,
  ExecResult,
  LaneRequest,
  ShellRequest,
  SshDirectory,
  SshKeepAlive,
  SshPool,
  SshShell,
  SshTarget,
} from './types.ts';

export type SshLog = (
  level: 'debug' | 'info' | 'warn',
  message: string,
  data?: Record<string, unknown>,
) => void;

export interface SshPoolOptions {
  readonly directory: SshDirectory;
  readonly clock?: { now(): number };
  /** A connection that nothing used for so long is closed. */
  readonly idleTimeoutMs?: number;
  readonly keepAlive?: () => SshKeepAlive;
  /** Limit for one hop: name, TCP, key exchange, login. */
  readonly connectTimeoutMs?: number;
  /** Sessions at a time on one connection; sshd's MaxSessions is 10 by default. Less is learnt when a server refuses. */
  readonly maxChannelsPerConnection?: number;
  /** Limit for the login shell to start sh, and for sudo to prompt or start the root shell. */
  readonly shellTimeoutMs?: number;
  /** Where the SSH agent listens; by default SSH_AUTH_SOCK, and on Windows OpenSSH's pipe. */
  readonly agentSocket?: () => string | null;
  readonly log?: SshLog;
}

/** Terminals, or file sessions, on one connection: below sshd's MaxSessions of 10, and a flood slows few others. */
const sessionsPerLane = 8;
const mostLanes = 32;

interface Entry {
  readonly target: SshTarget;
  /** The machine's id for what runs scripts; terminals have lanes of their own, so that neither waits for the other. */
  readonly lane: string;
  readonly abort: AbortController;
  connecting: Promise<SshConnection>;
  connection: SshConnection | null;
  users: number;
  idle: NodeJS.Timeout | undefined;
  /** Not to be given to anyone new. */
  retired: boolean;
}

/** One SSH connection a machine, shared by all that run scripts there; see SshPool for the promises. */
export function createSshPool(options: SshPoolOptions): SshPool {
  const { directory, idleTimeoutMs = 120_000, log = () => undefined } = options;
  const clock = options.clock ?? performance;
  const current = new Map<string, Entry>();
  const all = new Set<Entry>();
  const closings = new Set<Promise<void>>();
  const closed = new AbortController();

  const context: PoolContext = {
    directory,
    now: () => clock.now(),
    connectTimeoutMs: options.connectTimeoutMs ?? 15_000,
    shellTimeoutMs: options.shellTimeoutMs ?? 30_000,
    login: {
      directory,
      keepAlive: options.keepAlive ?? (() => ({ intervalMs: 5_000, countMax: 3 })),
      maxChannels: options.maxChannelsPerConnection ?? 8,
    },
    agentSocket: options.agentSocket ?? defaultAgentSocket,
    sudoMemory: createSudoMemory(() => clock.now()),
    lease,
  };

  function closeEntry(entry: Entry): void {
    clearTimeout(entry.idle);
    entry.retired = true;
    if (current.get(entry.lane) === entry) current.delete(entry.lane);
    all.delete(entry);
    entry.abort.abort(
      new AppError('ssh_connection_lost', `${entry.target.name}: the connection was dropped`),
    );
    if (entry.connection === null) return;
    const closing = entry.connection.close().finally(() => closings.delete(closing));
    closings.add(closing);
  }

  function leave(entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0 || !all.has(entry)) return;
    if (entry.connection === null || entry.retired) {
      closeEntry(entry);
      return;
    }
    entry.idle = setTimeout(() => {
      log('debug', 'ssh connection idle', { machineId: entry.target.machineId });
      closeEntry(entry);
    }, idleTimeoutMs);
  }

  function connect(target: SshTarget, reason: string, lane: string): Entry {
    const abort = new AbortController();
    const startedMs = clock.now();
    const entry: Entry = {
      target,
      lane,
      abort,
      connecting: establish(context, target, reason, abort.signal),
      connection: null,
      users: 0,
      idle: undefined,
      retired: false,
    };
    current.set(lane, entry);
    all.add(entry);
    const forget = () => {
      clearTimeout(entry.idle);
      if (current.get(lane) === entry) current.delete(lane);
      all.delete(entry);
    };
    entry.connecting = entry.connecting.then(
      (connection) => {
        log('debug', 'ssh connected', {
          machineId: target.machineId,
          durationMs: Math.round(clock.now() - startedMs),
        });
        if (!all.has(entry)) {
          // Dropped at the very moment of success.
          const closing = connection.close().finally(() => closings.delete(closing));
          closings.add(closing);
          throw new AppError('ssh_connection_lost', `${target.name}: the connection was dropped`);
        }
        entry.connection = connection;
        connection.onLost((error) => {
          log('info', 'ssh connection ended', { machineId: target.machineId, detail: error.data['detail'] });
          forget();
        });
        return connection;
      },
      (error: unknown) => {
        forget();
        throw error;
      },
    );
    entry.connecting.catch(() => undefined); // every user of the entry has the rejection; this one is for none
    return entry;
  }

  async function lease(
    machineId: string,
    reason: string,
    signal: AbortSignal,
    lane = machineId,
  ): Promise<Lease> {
    if (closed.signal.aborted) throw new AppError('cancelled', 'The SSH pool is closed');
    const target = directory.target(machineId);
    jumpChain(directory, target);
    let entry = current.get(lane);
    const reused = (entry?.connection ?? null) !== null;
    if (entry !== undefined && !sameDoor(entry.target, target)) {
      entry.retired = true;
      current.delete(lane);
      if (entry.users === 0) closeEntry(entry);
      entry = undefined;
    }
    entry ??= connect(target, reason, lane);
    clearTimeout(entry.idle);
    entry.users += 1;
    const mine = entry;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      leave(mine);
    };
    try {
      const connection = await orAborted(mine.connecting, signal);
      return { connection, reused, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async function execOver(
    target: SshTarget,
    request: ExecRequest,
    deadline: Deadline,
    attempt: number,
  ): Promise<ExecResult> {
    deadline.phase = 'connect';
    const held = await lease(target.machineId, request.reason, deadline.signal);
    try {
      return await execOn(context, held.connection, target, request, deadline);
    } catch (error) {
      // A connection that had died unnoticed: nothing was started on it, so a fresh one may be tried.
      const stale = error instanceof NotStarted && held.reused && attempt === 0 && !deadline.signal.aborted;
      if (!stale) throw error instanceof NotStarted ? error.cause : error;
    } finally {
      held.release();
    }
    return execOver(target, request, deadline, attempt + 1);
  }

  /** The first lane of its kind with room; a server that allows fewer sessions a connection gets more lanes. */
  async function onLane<T>(
    target: SshTarget,
    kind: 'terminals' | 'files',
    reason: string,
    signal: AbortSignal,
    open: (connection: SshConnection, release: () => void) => Promise<T>,
  ): Promise<T> {
    let refusal = new AppError('ssh_channel_refused', `${target.name}: too many sessions are open on it`);
    for (let number = 1; number <= mostLanes; number += 1) {
      const lane = `${target.machineId}/${kind}/${number}`;
      const users = current.get(lane)?.users ?? 0;
      if (users >= sessionsPerLane) continue;
      const held = await lease(target.machineId, reason, signal, lane);
      try {
        return await open(held.connection, () => {
          held.release();
        });
      } catch (error) {
        held.release();
        if (!(error instanceof AppError)) throw error;
        refusal = error;
        const isFull = error.code === 'ssh_channel_refused' && users > 0;
        const isStale = held.reused && held.connection.lost !== null && !signal.aborted;
        if (isStale) number -= 1;
        else if (!isFull) throw error;
      }
    }
    throw refusal;
  }

  /** Beside the file sessions: what moves much must not hold up what runs scripts. Once begun it is not tried again. */
  async function execAmongFiles(
    target: SshTarget,
    request: ExecRequest,
    deadline: Deadline,
  ): Promise<ExecResult> {
    const { begun, connection, release } = await onLane(
      target,
      'files',
      request.reason,
      deadline.signal,
      async (connection, release) => {
        try {
          return { begun: await beginOn(connection, deadline), connection, release };
        } catch (error) {
          throw error instanceof NotStarted ? error.cause : error;
        }
      },
    );
    try {
      return await execIn(begun, context, connection, target, request, deadline);
    } finally {
      release();
    }
  }

  /** Runs with the time limit of a connection over all its hops, and of what is opened on it. */
  async function within<T>(
    machineId: string,
    outer: AbortSignal | undefined,
    work: (target: SshTarget, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const target = directory.target(machineId);
    const deadline = createDeadline(
      context.connectTimeoutMs * (1 + jumpChain(directory, target).length) + context.shellTimeoutMs,
      target.name,
      anySignal(closed.signal, outer),
    );
    try {
      return await work(target, deadline.signal);
    } finally {
      deadline.release();
    }
  }

  return {
    shell: (machineId: string, request: ShellRequest): Promise<SshShell> =>
      within(machineId, request.signal, (target, signal) =>
        onLane(target, 'terminals', request.reason, signal, async (connection, release) =>
          createShell(await connection.shell(request, signal), connection, release),
        ),
      ),

    sftp: (machineId: string, request: LaneRequest) =>
      within(machineId, request.signal, (target, signal) =>
        onLane(target, 'files', request.reason, signal, async (connection, release) => {
          try {
            return createSftp(await connection.sftp(signal), connection, release);
          } catch (error) {
            // The first session of a connection is not refused for want of room: it has no SFTP.
            const isFirst = current.get(`${machineId}/files/1`)?.users === 1;
            if (!(error instanceof AppError) || error.code !== 'ssh_channel_refused' || !isFirst) throw error;
            throw new AppError('sftp_unavailable', `${target.name}: SFTP is not offered`, error.data, {
              cause: error,
            });
          }
        }),
      ),

    link: (machineId: string, request: LaneRequest) =>
      within(machineId, request.signal, async (target, signal) =>
        createLink(await lease(machineId, request.reason, signal, `${machineId}/forwards`), target),
      ),

    async exec(machineId, request) {
      const target = directory.target(machineId);
      if (request.asRoot === true) refuseWithoutSudo(target);
      const deadline = createDeadline(request.timeoutMs, target.name, request.signal);
      try {
        return request.amongFiles === true
          ? await execAmongFiles(target, request, deadline)
          : await execOver(target, request, deadline, 0);
      } finally {
        deadline.release();
      }
    },

    async scanHostKey(machineId, scanOptions = {}) {
      const target = directory.target(machineId);
      jumpChain(directory, target);
      const deadline = createDeadline(
        scanOptions.timeoutMs ?? context.connectTimeoutMs,
        target.name,
        anySignal(closed.signal, scanOptions.signal),
      );
      try {
        const route = await openRoute(context, target, 'Host key scan', deadline.signal);
        try {
          deadline.phase = 'handshake';
          return await scanKey({
            ...context.login,
            target,
            transport: route.transport,
            reason: 'Host key scan',
            agentSocket: null,
            signal: deadline.signal,
          });
        } finally {
          route.transport.destroy();
          route.release();
        }
      } finally {
        deadline.release();
      }
    },

    async diagnose(machineId, diagnoseOptions = {}) {
      const target = directory.target(machineId);
      jumpChain(directory, target);
      context.sudoMemory.forget(machineId); // the user asks on purpose
      return diagnoseMachine(
        context,
        target,
        anySignal(closed.signal, diagnoseOptions.signal),
        diagnoseOptions.report,
      );
    },

    async diagnoseDraft(target, doors, diagnoseOptions = {}) {
      const isDraft = (id: string) => id === target.machineId;
      const drafted: SshDirectory = {
        target: (id) => (isDraft(id) ? target : directory.target(id)),
        secret: (id, field, why) => (isDraft(id) ? doors : directory).secret(id, field, why),
        checkHostKey: (of, key) => (isDraft(of.machineId) ? doors : directory).checkHostKey(of, key),
        approvedKeyTypes: (of) => (isDraft(of.machineId) ? doors : directory).approvedKeyTypes(of),
      };
      jumpChain(drafted, target);
      const draftContext: PoolContext = {
        ...context,
        directory: drafted,
        login: { ...context.login, directory: drafted },
        // A refusal of what is only tried must not count for what is stored.
        sudoMemory: createSudoMemory(() => clock.now()),
      };
      return diagnoseMachine(
        draftContext,
        target,
        anySignal(closed.signal, diagnoseOptions.signal),
        diagnoseOptions.report,
      );
    },

    drop(machineId) {
      context.sudoMemory.forget(machineId);
      for (const entry of all) if (entry.target.machineId === machineId) closeEntry(entry);
    },

    async close() {
      closed.abort(new AppError('cancelled', 'The SSH pool is closed'));
      const attempts = [...all].map((entry) => entry.connecting);
      for (const entry of all) closeEntry(entry);
      await Promise.allSettled(attempts);
      while (closings.size > 0) await Promise.allSettled(closings);
    },
  };
}

/** Whether two descriptions of a machine lead to the same login. */
function sameDoor(a: SshTarget, b: SshTarget): boolean {
  return (
    a.hostname === b.hostname &&
    a.port === b.port &&
    a.username === b.username &&
    a.authMethod === b.authMethod &&
    a.jumpMachineId === b.jumpMachineId &&
    a.allowLegacyAlgorithms === b.allowLegacyAlgorithms
  );
}

function anySignal(first: AbortSignal, second: AbortSignal | undefined): AbortSignal {
  return second === undefined ? first : AbortSignal.any([first, second]);
}

function defaultAgentSocket(): string | null {
  return (
    process.env['SSH_AUTH_SOCK'] ?? (process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : null)
  );
}
