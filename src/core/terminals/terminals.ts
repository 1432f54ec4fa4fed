import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import type { ShellEnd, SshDirectory, SshPool, SshShell, TerminalSize } from '../ssh/types.ts';
import type { Recordings } from './recording.ts';
import { areEnabled, endLeftOpen, recordEnded, recordOpened, type Opened } from './store.ts';

/** More than a person can look at; each costs a session on its host and up to 2 MB here while its page is slow. */
const mostOpen = 128;
/** A terminal whose page never came for its bytes is closed. */
const attachWithinMs = 30_000;

interface Session extends Opened {
  readonly shell: SshShell;
  /** Why it was ended from here, or null while it was not. */
  ending: 'closed' | 'killed' | null;
  endedBy: 'user' | 'system';
  isAttached: boolean;
  unattended: NodeJS.Timeout;
  bytesIn: number;
  bytesOut: number;
  over: Promise<void>;
}

export interface Terminals {
  /** @throws AppError not_allowed where terminals are off or too many are open; not_found; ssh_* and vault_* */
  open(machineId: string, size: TerminalSize, signal: AbortSignal): Promise<{ id: string; username: string }>;
  /**
   * The bytes of a terminal in both directions. Nothing is read from the host before the caller asks for the next piece;
   * what is typed goes its own way and never waits for output. The terminal closes when the caller leaves.
   * @throws AppError not_found, conflict when somebody else has it, ssh_connection_lost when the link goes
   */
  stream(id: string, signal: AbortSignal, typed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
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
        bytesOut: session.bytesOut,
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
          const id = newId();
          const session: Session = {
            id,
            machineId,
            username,
            shell,
            ending: null,
            endedBy: 'user',
            isAttached: false,
            unattended: setTimeout(() => {
              end(session, 'killed', 'system');
            }, attachWithinMs),
            bytesIn: 0,
            bytesOut: 0,
            over: Promise.resolve(),
          };
          recordOpened(context, session);
          try {
            recorder.opened(id, machineId, size);
          } catch (error) {
            clearTimeout(session.unattended);
            recordEnded(context, session, {
              status: 'error',
              kind: toAppError(error).code,
              metadata: {},
              actorType: 'system',
            });
            throw error;
          }
          sessions.set(id, session);
          session.over = shell.ended
            .then((shellEnd) => {
              recordEnd(session, shellEnd);
            })
            .catch((error: unknown) => {
              context.log.error('The end of a terminal was not written', { error: String(error) });
            });
          return { id, username };
        } catch (error) {
          shell.close();
          throw error;
        }
      } finally {
        opening -= 1;
      }
    },

    async *stream(id, signal, typed) {
      const session = of(id);
      if (session.isAttached) throw new AppError('conflict', 'The terminal is shown already', { id });
      session.isAttached = true;
      clearTimeout(session.unattended);
      const { shell } = session;
      try {
        passOn(session, typed).catch((error: unknown) => {
          context.log.error('The input of a terminal failed', { error: String(error) });
        });
        for await (const piece of shell.output(signal)) {
          session.bytesOut += piece.byteLength;
          recorder.output(id, piece);
          yield piece;
        }
        if (signal.aborted) return;
        const shellEnd = await shell.ended;
        if (session.ending === 'killed') throw new AppError('cancelled', 'The terminal was ended', { id });
        if (shellEnd.kind === 'lost') throw shellEnd.error;
      } finally {
        end(session, 'closed', 'user');
      }
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
