import { createReadStream, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { machineById } from '../machines/index.ts';
import { createRedactor } from '../redact/redactor.ts';
import type { TerminalSize } from '../ssh/types.ts';
import { changedIds } from '../watch.ts';
import {
  createRecordingFile,
  measureFile,
  mendRecording,
  type RecordingEnd,
  type RecordingFile,
} from './recording-file.ts';
import {
  leftUnfinished,
  listRecordings,
  newRecordingPlace,
  recordBegun,
  recordFinished,
  recordRemoved,
  recordingPath,
  recordsByDefault,
  setRecordsByDefault,
} from './recording-store.ts';

type Names = Extract<keyof HomeportHandlers, `recordings.${string}`>;

/** A terminal as its recording sees it. */
interface Shown {
  readonly machineId: string;
  size: TerminalSize;
}

export interface Recordings {
  readonly handlers: Pick<HomeportHandlers, Names>;
  /**
   * A terminal has opened; it is recorded from here where that is the default.
   * @throws AppError vault_locked, local_disk_full: what shall be recorded and cannot be is not opened
   */
  opened(sessionId: string, machineId: string, size: TerminalSize): void;
  output(sessionId: string, bytes: Uint8Array): void;
  resized(sessionId: string, size: TerminalSize): void;
  ended(sessionId: string): void;
  /** Mends and measures what a former process left. */
  settleLeft(): Promise<void>;
  /** Ends what is recorded and waits until that is written down. */
  close(): Promise<void>;
}

/**
 * Recordings of terminals: what the screen shows, without the live secrets of its machine and of those that it is reached through.
 * `wayTo`: their ids, the machine's own first.
 */
export function createRecordings(
  context: CoreContext,
  credentials: Pick<Credentials, 'currentSecrets'>,
  wayTo: (machineId: string) => readonly string[],
): Recordings {
  const terminals = new Map<string, Shown>();
  const running = new Map<string, { id: string; path: string; file: RecordingFile }>();
  const finishing = new Set<Promise<void>>();
  const changed = (): void => {
    context.bus.publish('recordings.changed', {});
  };
  const absolute = (path: string): string => join(context.dataDir, path);

  const settle = (
    id: string,
    path: string,
    ending: { end: RecordingEnd; durationMs: number | null },
  ): void => {
    const work = measureFile(absolute(path))
      .then((file) => {
        recordFinished(context, id, file, ending);
      })
      .catch((error: unknown) => {
        context.log.error('The end of a recording was not written', { id, error: String(error) });
      })
      .finally(() => {
        finishing.delete(work);
        changed();
      });
    finishing.add(work);
  };

  const finish = (sessionId: string, end: RecordingEnd): boolean => {
    const one = running.get(sessionId);
    if (!one) return false;
    running.delete(sessionId);
    settle(one.id, one.path, one.file.finish(end));
    changed();
    return true;
  };

  const begin = (sessionId: string, actorType: 'user' | 'system'): string => {
    const shown = terminals.get(sessionId);
    if (!shown) throw new AppError('not_found', 'The terminal is not open', { id: sessionId });
    const already = running.get(sessionId);
    if (already) return already.id;
    const { machineId, size } = shown;
    // Without the secrets there is no redactor, and without a redactor no recording.
    const secrets = [
      ...new Set(wayTo(machineId).flatMap((id) => credentials.currentSecrets(id, 'Recording of a terminal'))),
    ];
    const { id, path } = newRecordingPlace(context);
    const machineName = machineById(context, machineId).name;
    let file: RecordingFile;
    try {
      mkdirSync(dirname(absolute(path)), { recursive: true, mode: 0o700 });
      file = createRecordingFile(
        absolute(path),
        { ...size, title: machineName, startedAtMs: context.now().getTime() },
        createRedactor(secrets),
        (end) => finish(sessionId, end),
      );
    } catch (error) {
      throw new AppError('local_disk_full', 'The recording could not be begun', {}, { cause: error });
    }
    recordBegun(
      context,
      { id, sessionId, machineId, machineName, path, redactedSecrets: secrets.length },
      actorType,
    );
    running.set(sessionId, { id, path, file });
    changed();
    return id;
  };

  return {
    handlers: {
      'recordings.watch': async function* (_input, { signal }) {
        const changes = changedIds(context.bus, 'recordings.changed', () => ['all'], signal, 150);
        for await (const _ of changes) {
          yield {
            byDefault: recordsByDefault(context),
            running: [...running.keys()],
            recordings: listRecordings(context),
          };
        }
      },
      'recordings.setDefault': ({ on }) => {
        if (on !== recordsByDefault(context)) setRecordsByDefault(context, on);
        changed();
        return {};
      },
      'recordings.start': ({ sessionId }) => ({ id: begin(sessionId, 'user') }),
      'recordings.stop': ({ sessionId }) => {
        finish(sessionId, 'stopped');
        return {};
      },
      'recordings.read': async function* ({ id }, { signal }) {
        const path = absolute(recordingPath(context, id));
        for await (const piece of createReadStream(path, { signal }) as AsyncIterable<Buffer>) yield piece;
      },
      'recordings.remove': async ({ id }) => {
        const path = recordingPath(context, id);
        for (const [sessionId, one] of running) if (one.id === id) finish(sessionId, 'stopped');
        await Promise.all(finishing);
        await rm(absolute(path), { force: true });
        recordRemoved(context, id, 'user');
        changed();
        return {};
      },
    },
    opened(sessionId, machineId, size) {
      terminals.set(sessionId, { machineId, size });
      if (!recordsByDefault(context)) return;
      try {
        begin(sessionId, 'system');
      } catch (error) {
        terminals.delete(sessionId);
        throw error;
      }
    },
    output(sessionId, bytes) {
      running.get(sessionId)?.file.output(bytes);
    },
    resized(sessionId, size) {
      const shown = terminals.get(sessionId);
      if (shown) shown.size = size;
      running.get(sessionId)?.file.resized(size.columns, size.rows);
    },
    ended(sessionId) {
      terminals.delete(sessionId);
      finish(sessionId, 'session');
    },
    async settleLeft() {
      for (const { id, path } of leftUnfinished(context)) {
        try {
          settle(id, path, { end: 'application', ...mendRecording(absolute(path)) });
        } catch (error) {
          const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
          if (isMissing) recordRemoved(context, id, 'missing');
          else context.log.error('A recording could not be mended', { id, error: String(error) });
        }
      }
      await Promise.all(finishing);
    },
    async close() {
      for (const sessionId of [...running.keys()]) finish(sessionId, 'application');
      await Promise.all(finishing);
    },
  };
}
