import type { DrawnScreen } from '../../shared/contract/terminals.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import type { ShellEnd, SshDirectory, SshPool, SshShell, TerminalSize } from '../ssh/types.ts';
import type { Recordings } from './recording.ts';
import { areEnabled, endLeftOpen, recordEnded, recordOpened, type Opened } from './store.ts';
import { createTail, type Tail } from './tail.ts';

/** More than a person can look at; each costs a session on its host and up to 2 MB here while its page is slow. */
const mostOpen = 128;
/** A terminal whose page never came for its bytes is closed. */
const attachWithinMs = 30_000;
/** For how long a shell waits for its next page: a reload, another window, a wire that broke. */
const keepMs = 60_000;
/** How long a page that takes a terminal over waits for the one that has it. */
const handOverWithinMs = 10_000;
/** More than what can be under way between here and what a page has shown (see feed.ts in the renderer). */
const tailBytes = 1024 * 1024;

interface Reader {
  /** Ends the stream with nothing lost: what was taken from the host was handed on. */
  readonly stop: AbortController;
  readonly gone: PromiseWithResolvers<void>;
}

/** What a page showed when it let go, with everything up to that byte in it. */
interface Left {
  readonly screen: DrawnScreen;
  readonly at: number;
}

interface Session extends Opened {
  readonly shell: SshShell;
  readonly tail: Tail;
  /** Why it was ended from here, or null while it was not. */
  ending: 'closed' | 'killed' | null;
  endedBy: 'user' | 'system';
  reader: Reader | null;
  /** In memory only, until the next page has it. */
  left: Left | null;
  unattended: NodeJS.Timeout | undefined;
  bytesIn: number;
  over: Promise<void>;
}

/** What a page needs to go on where another one stopped. */
export interface Attached {
  readonly username: string;
  /** What the other page showed; null when it left without a word. */
  readonly screen: DrawnScreen | null;
  /** From which byte on the stream has to be read. */
  readonly at: number;
}

export interface Terminals {
  /** @throws AppError not_allowed where terminals are off or too many are open; not_found; ssh_* and vault_* */
  open(machineId: string, size: TerminalSize, signal: AbortSignal): Promise<{ id: string; username: string }>;
  /**
   * The bytes of a terminal in both directions, from a position on (the first byte is 0). Nothing is read from the host
   * before the caller asks for the next piece; what is typed goes its own way and never waits for output. The terminal
   * closes when the caller cancels; when its page is gone (reason `disconnected`) it waits a minute for the next one.
   * @throws AppError not_found, conflict when somebody else has it, ssh_connection_lost when the link goes
   */
  stream(
    id: string,
    from: number,
    signal: AbortSignal,
    typed: AsyncIterable<Uint8Array>,
  ): AsyncIterable<Uint8Array>;
  /** The page lets go: its stream ends, the shell waits a minute for the next page. @throws AppError not_found */
  detach(id: string, left: Left): Promise<void>;
  /** Takes over what was let go, or is about to be. @throws AppError not_found, conflict when it is not let go */
  attach(id: string, signal: AbortSignal): Promise<Attached>;
  /** @throws AppError not_found */
  resize(id: string, size: TerminalSize): void;
  /** @throws AppError not_found */
  kill(id: string): void;
  killAll(): void;
  readonly openCount: number;
  /** Ends every terminal and waits until that is written down. */
  close(): Promise<void>;
}

/** What a terminal's recording is told; see recording.ts. */
type Recorder = Pick<Recordings, 'opened' | 'output' | 'resized' | 'ended'>;

/** Interactive shells of the fleet: who opened which, and their bytes. What is in them is kept by recordings alone. */
export function createTerminals(
  context: CoreContext,
  pool: SshPool,
  directory: SshDirectory,
  recorder: Recorder,
): Terminals {
  const sessions = new Map<string, Session>();
  let opening = 0;
  let isClosed = false;
  endLeftOpen(context);

  const of = (id: string): Session => {
    const session = sessions.get(id);
    if (!session) throw new AppError('not_found', 'The terminal is not open', { id });
    return session;
  };

  const end = (session: Session, how: 'closed' | 'killed', by: 'user' | 'system'): void => {
    if (session.ending !== null) return;
    session.ending = how;
    session.endedBy = by;
    session.shell.close();
  };

  const endUnlessTaken = (session: Session, withinMs: number): void => {
    clearTimeout(session.unattended);
    if (!sessions.has(session.id)) return;
    session.unattended = setTimeout(() => {
      end(session, 'killed', 'system');
    }, withinMs);
  };

  const recordEnd = (session: Session, shellEnd: ShellEnd): void => {
    sessions.delete(session.id);
    recorder.ended(session.id);
    clearTimeout(session.unattended);
    const lost = session.ending === null && shellEnd.kind === 'lost' ? shellEnd.error : null;
    recordEnded(context, session, {
      status: lost === null ? (session.ending ?? 'closed') : 'error',
      kind: lost?.code ?? null,
      actorType: lost === null ? session.endedBy : 'system',
      metadata: {
        bytesIn: session.bytesIn,
        bytesOut: session.tail.end,
        ...(shellEnd.kind === 'exited' ? { exitCode: shellEnd.exitCode, signal: shellEnd.signal } : {}),
      },
    });
  };

  const refuseWhenOff = (): void => {
    if (!areEnabled(context)) {
      throw new AppError('not_allowed', 'Terminals are switched off', { reason: 'terminals_off' });
    }
    if (isClosed) throw new AppError('cancelled', 'The application is closing');
  };

  /** Passes on what is typed, at the pace at which the host takes it. */
  const passOn = async (session: Session, typed: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of typed) {
      session.bytesIn += chunk.byteLength;
      await session.shell.write(chunk);
    }
  };

  const sessionOf = (shell: SshShell, machineId: string, username: string): Session => ({
    id: newId(),
    machineId,
    username,
    shell,
    tail: createTail(tailBytes),
    ending: null,
    endedBy: 'user',
    reader: null,
    left: null,
    unattended: undefined,
    bytesIn: 0,
    over: Promise.resolve(),
  });

  return {
    async open(machineId, size, signal) {
      refuseWhenOff();
      if (sessions.size + opening >= mostOpen) {
        throw new AppError('not_allowed', 'Too many terminals are open', {
          reason: 'terminals_full',
          count: mostOpen,
        });
      }
      const { username } = directory.target(machineId);
      opening += 1;
      try {
        const shell = await pool.shell(machineId, { ...size, signal, reason: 'Terminal' });
        try {
          // Switched off, or the page gone, while it connected.
          refuseWhenOff();
          signal.throwIfAborted();
          const session = sessionOf(shell, machineId, username);
          recordOpened(context, session);
          try {
            recorder.opened(session.id, machineId, size);
          } catch (error) {
            recordEnded(context, session, {
              status: 'error',
              kind: toAppError(error).code,
              metadata: {},
              actorType: 'system',
            });
            throw error;
          }
          sessions.set(session.id, session);
          endUnlessTaken(session, attachWithinMs);
          session.over = shell.ended
            .then((shellEnd) => {
              recordEnd(session, shellEnd);
            })
            .catch((error: unknown) => {
              context.log.error('The end of a terminal was not written', { error: String(error) });
            });
          return { id: session.id, username };
        } catch (error) {
          shell.close();
          throw error;
        }
      } finally {
        opening -= 1;
      }
    },

    async *stream(id, from, signal, typed) {
      const session = of(id);
      if (session.reader) throw new AppError('conflict', 'The terminal is shown already', { id });
      const reader: Reader = { stop: new AbortController(), gone: Promise.withResolvers() };
      session.reader = reader;
      session.left = null;
      clearTimeout(session.unattended);
      const { shell, tail } = session;
      const leaves = AbortSignal.any([signal, reader.stop.signal]);
      try {
        passOn(session, typed).catch((error: unknown) => {
          context.log.error('The input of a terminal failed', { error: String(error) });
        });
        yield* tail.since(from);
        for await (const piece of shell.output(leaves)) {
          tail.push(piece);
          recorder.output(id, piece);
          yield piece;
        }
        if (leaves.aborted) return;
        const shellEnd = await shell.ended;
        if (session.ending === 'killed') throw new AppError('cancelled', 'The terminal was ended', { id });
        if (shellEnd.kind === 'lost') throw shellEnd.error;
      } finally {
        session.reader = null;
        if (reader.stop.signal.aborted || hasVanished(signal)) endUnlessTaken(session, keepMs);
        else end(session, 'closed', 'user');
        reader.gone.resolve();
      }
    },

    async detach(id, left) {
      const session = of(id);
      session.left = left;
      const { reader } = session;
      if (reader) {
        reader.stop.abort();
        await reader.gone.promise;
      } else endUnlessTaken(session, keepMs);
    },

    async attach(id, signal) {
      const session = of(id);
      if (session.reader) {
        const tooLate = AbortSignal.any([signal, AbortSignal.timeout(handOverWithinMs)]);
        await Promise.race([session.reader.gone.promise, aborted(tooLate)]);
      }
      if (session.reader) throw new AppError('conflict', 'The terminal is shown elsewhere', { id });
      of(id);
      endUnlessTaken(session, attachWithinMs);
      const { username, left, tail } = session;
      return { username, screen: left?.screen ?? null, at: left?.at ?? tail.start };
    },

    resize(id, size) {
      of(id).shell.resize(size);
      recorder.resized(id, size);
    },
    kill(id) {
      end(of(id), 'killed', 'user');
    },
    killAll() {
      for (const session of sessions.values()) end(session, 'killed', 'user');
    },
    get openCount() {
      return sessions.size;
    },
    async close() {
      isClosed = true;
      const overs = [...sessions.values()].map((session) => session.over);
      for (const session of sessions.values()) end(session, 'killed', 'system');
      await Promise.race([Promise.all(overs), new Promise((resolve) => setTimeout(resolve, 500))]);
      for (const session of sessions.values())
        recordEnd(session, { kind: 'exited', exitCode: null, signal: null });
    },
  };
}

/** The page went without saying that it is done with its terminal. */
const hasVanished = (signal: AbortSignal): boolean =>
  signal.aborted && signal.reason instanceof AppError && signal.reason.code === 'disconnected';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
