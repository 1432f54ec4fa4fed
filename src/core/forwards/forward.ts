import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ForwardState, PortForward } from '../../shared/contract/forwards.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { SshLink, SshPool } from '../ssh/types.ts';
import { pause } from '../watch.ts';
import { connectHere, listenHere } from './listener.ts';
import { joinStreams, type Piped } from './pipe.ts';
import type { ForwardRow } from './store.ts';

/** More at a time are refused: a loop of connections must not take the application with it. */
const mostConnections = 512;
const pausesMs = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** What passes by itself; with anything else a forward has failed and a person must look. */
const passing: ReadonlySet<string> = new Set([
  'ssh_connection_lost',
  'ssh_unreachable',
  'ssh_timeout',
  'ssh_connection_refused',
  'ssh_name_unresolved',
  'ssh_jump_failed',
]);

export interface RunningForward {
  readonly state: ForwardState;
  readonly since: string;
  readonly error: PortForward['error'];
  readonly figures: Pick<PortForward, 'openConnections' | 'allConnections' | 'bytesOut' | 'bytesBack'>;
  /** Ends it and every connection of it; resolves when the port is free. */
  stop(): Promise<void>;
}

export interface ForwardNews {
  /** Something that is shown changed. */
  changed(): void;
  started(): void;
  failed(error: AppError): void;
}

/** Runs one forward until it is stopped or fails for good; a lost link is made again by itself. */
export function runForward(
  row: ForwardRow,
  pool: Pick<SshPool, 'link'>,
  now: () => string,
  news: ForwardNews,
): RunningForward {
  const stopped = new AbortController();
  const { signal } = stopped;
  const pipes = new Set<Piped>();
  let state: ForwardState = 'starting';
  let since = now();
  let failure: AppError | null = null;
  let link: SshLink | null = null;
  let server: Server | null = null;
  let hasStarted = false;
  let all = 0;
  let bytesOut = 0;
  let bytesBack = 0;

  const enter = (next: ForwardState, error: AppError | null): void => {
    if (next !== state) since = now();
    state = next;
    failure = error;
    news.changed();
  };
  /** A connection that did not come about; the forward goes on. */
  const met = (thrown: unknown): void => {
    if (signal.aborted || state !== 'running') return;
    failure = toAppError(thrown);
    news.changed();
  };
  const closePipes = (): void => {
    for (const pipe of pipes) pipe.close();
  };
  const join = (near: Duplex, far: Duplex): void => {
    const pipe = joinStreams(
      near,
      far,
      (direction, bytes) => {
        if (direction === 'out') bytesOut += bytes;
        else bytesBack += bytes;
        news.changed();
      },
      () => {
        pipes.delete(pipe);
        news.changed();
      },
    );
    pipes.add(pipe);
    all += 1;
    news.changed();
  };
  /** `near` waits, not read, until the other side is there. */
  const lead = async (near: Duplex, reach: () => Promise<Duplex>): Promise<void> => {
    near.on('error', () => undefined);
    if (pipes.size >= mostConnections) {
      near.destroy();
      return;
    }
    try {
      const far = await reach();
      if (near.destroyed || signal.aborted) {
        near.destroy();
        far.destroy();
      } else join(near, far);
    } catch (error) {
      near.destroy();
      met(error);
    }
  };

  const onLocal = (socket: Socket): void => {
    socket.setNoDelay(true);
    const current = link;
    if (current === null) socket.resetAndDestroy();
    else void lead(socket, () => current.connect(row.targetHost, row.targetPort, signal));
  };

  /** One link's life. Resolves with what ended it. */
  const live = async (): Promise<AppError> => {
    const held = await pool.link(row.machineId, { reason: 'Port forward', signal });
    const lost = Promise.withResolvers<AppError>();
    const unsubscribe = held.onLost(lost.resolve);
    const onStop = (): void => {
      lost.resolve(new AppError('cancelled', 'The forward was stopped'));
    };
    signal.addEventListener('abort', onStop, { once: true });
    let remote: { close(): void } | null = null;
    try {
      if (row.kind === 'remote') {
        remote = await held.listen(row.bindAddress, row.bindPort, (stream) => {
          void lead(stream, () => connectHere(row.targetHost, row.targetPort, signal));
        });
      }
      link = held;
      enter('running', null);
      if (!hasStarted) news.started();
      hasStarted = true;
      return await lost.promise;
    } finally {
      link = null;
      signal.removeEventListener('abort', onStop);
      unsubscribe();
      remote?.close();
      closePipes();
      held.release();
    }
  };

  const run = async (): Promise<void> => {
    if (row.kind === 'local') server = await listenHere(row.bindAddress, row.bindPort, onLocal);
    for (let tries = 0; !signal.aborted;) {
      let error: AppError;
      try {
        error = await live();
        tries = 0;
      } catch (thrown) {
        error = toAppError(thrown);
      }
      if (signal.aborted) return;
      // After a lost link the server may still hold the port for the connection that is gone.
      const isHeld = hasStarted && error.code === 'forward_refused';
      if (!passing.has(error.code) && !isHeld) throw error;
      enter('reconnecting', error);
      await pause(pausesMs[Math.min(tries, pausesMs.length - 1)] ?? 30_000, signal);
      tries += 1;
    }
  };

  const closeServer = async (): Promise<void> => {
    const mine = server;
    server = null;
    if (mine === null) return;
    await new Promise<void>((resolve) => {
      mine.close(() => {
        resolve();
      });
      closePipes();
    });
  };
  const running = run()
    .catch((thrown: unknown) => {
      if (signal.aborted) return;
      const error = toAppError(thrown);
      enter('failed', error);
      news.failed(error);
    })
    .finally(closeServer);

  return {
    get state() {
      return state;
    },
    get since() {
      return since;
    },
    get error() {
      return failure && { kind: failure.code, message: failure.message, data: failure.data };
    },
    get figures() {
      return { openConnections: pipes.size, allConnections: all, bytesOut, bytesBack };
    },
    async stop() {
      stopped.abort(new AppError('cancelled', 'The forward was stopped'));
      closePipes();
      await running;
    },
  };
}
