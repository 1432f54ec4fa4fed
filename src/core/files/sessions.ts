import { AppError } from '../../shared/domain/errors.ts';
import type { SftpSession } from '../ssh/sftp-types.ts';
import type { SshPool } from '../ssh/types.ts';

const idleMs = 60_000;

export interface FileSessions {
  /**
   * Looks or changes something on a machine, over a session that its callers share and that closes when it is not used.
   * A session that had died unnoticed is replaced once.
   */
  use<T>(machineId: string, signal: AbortSignal, work: (session: SftpSession) => Promise<T>): Promise<T>;
  /** A session for as long as somebody reads from it; `release` when done. */
  take(
    machineId: string,
    signal: AbortSignal,
  ): Promise<{ readonly session: SftpSession; readonly release: () => void }>;
  close(): void;
}

interface Held {
  readonly opening: Promise<SftpSession>;
  session: SftpSession | null;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** `onOpen` is told of each session that is new. */
export function createFileSessions(
  pool: Pick<SshPool, 'sftp'>,
  onOpen: (machineId: string, session: SftpSession) => void,
): FileSessions {
  const held = new Map<string, Held>();

  const drop = (machineId: string, one: Held): void => {
    clearTimeout(one.idle);
    if (held.get(machineId) === one) held.delete(machineId);
    one.session?.close();
  };
  const open = (machineId: string): Held => {
    const one: Held = {
      // Not the first caller's signal: others wait for the same session.
      opening: pool.sftp(machineId, { reason: 'Files' }),
      session: null,
      users: 0,
      idle: undefined,
    };
    held.set(machineId, one);
    one.opening.then(
      (session) => {
        one.session = session;
        if (held.get(machineId) === one) onOpen(machineId, session);
        else session.close();
      },
      () => {
        drop(machineId, one);
      },
    );
    return one;
  };

  const take: FileSessions['take'] = async (machineId, signal) => {
    let one = held.get(machineId);
    if (one?.session?.isOpen === false) {
      drop(machineId, one);
      one = undefined;
    }
    one ??= open(machineId);
    const mine = one;
    clearTimeout(mine.idle);
    mine.users += 1;
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      mine.users -= 1;
      if (mine.users > 0) return;
      if (mine.session?.isOpen === false) drop(machineId, mine);
      else
        mine.idle = setTimeout(() => {
          drop(machineId, mine);
        }, idleMs);
    };
    try {
      const session = await mine.opening;
      signal.throwIfAborted();
      return { session, release };
    } catch (error) {
      release();
      throw error;
    }
  };

  return {
    take,
    async use(machineId, signal, work) {
      for (let attempt = 0; ; attempt += 1) {
        const wasThere = held.get(machineId)?.session !== undefined && held.get(machineId)?.session !== null;
        const { session, release } = await take(machineId, signal);
        try {
          return await work(session);
        } catch (error) {
          const isStale = error instanceof AppError && error.code === 'ssh_connection_lost' && wasThere;
          if (!isStale || attempt > 0) throw error;
        } finally {
          release();
        }
      }
    },
    close() {
      for (const [machineId, one] of held) drop(machineId, one);
    },
  };
}
