import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createCore, type Core } from '../core/index.ts';
import { createKeyringWrapper } from '../core/vault/index.ts';
import { prepareDataDir } from '../gateway/data-dir.ts';
import { startAdvice } from '../gateway/failures.ts';
import { connectLocalSocket } from '../gateway/local-socket.ts';
import { openLogFile } from '../gateway/log-file.ts';
import { version } from '../gateway/version.ts';
import { contract, type HomeportClient } from '../shared/contract/index.ts';
import { AppError } from '../shared/domain/errors.ts';
import { createClient } from '../shared/wire/client.ts';
import { serveWire } from '../shared/wire/server.ts';
import { inProcessTransports } from '../shared/wire/transport.ts';
import { Exit, exitCodes } from './exit.ts';
import { t } from './words/index.ts';

// The bundle is out/main/cli.js; what it needs lies beside out/.
const root = path.resolve(import.meta.dirname, '../..');
/** An application that is just starting holds the database before it listens. */
const START_MS = 5_000;

export interface Session {
  readonly client: HomeportClient;
  /** No application runs: the work is done by this process. */
  readonly isAlone: boolean;
  close(): Promise<void>;
}

async function toRunning(dataDir: string, withinMs: number): Promise<Session | null> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const transport = await connectLocalSocket(dataDir);
    if (transport) {
      return {
        client: createClient(contract, transport),
        isAlone: false,
        close() {
          transport.close();
          return Promise.resolve();
        },
      };
    }
    if (performance.now() >= deadline) return null;
    await setTimeout(100);
  }
}

async function openAlone(dataDir: string, startsWork: boolean): Promise<Session> {
  prepareDataDir(dataDir);
  const log = openLogFile(dataDir);
  const core: Core = await createCore({
    dataDir,
    resourcesDir: path.join(root, 'resources'),
    migrationsDir: path.join(root, 'migrations'),
    host: 'terminal',
    version,
    wrappers: [createKeyringWrapper()],
    log,
    startsWork,
  });
  const [near, far] = inProcessTransports();
  serveWire(far, core.dispatch, 'cli', (message, details) => log.error(message, details));
  return {
    client: createClient(contract, near),
    isAlone: true,
    async close() {
      near.close();
      await core.close();
    },
  };
}

/**
 * The contract, by the application that runs on this data directory, else by a core of our own. `startsWork` false: what
 * waits in the queue is only looked at.
 * @throws Exit unavailable
 */
export async function openSession(dataDir: string, startsWork: boolean): Promise<Session> {
  const running = await toRunning(dataDir, 0);
  if (running) return running;
  try {
    return await openAlone(dataDir, startsWork);
  } catch (error) {
    const isBusy = error instanceof AppError && error.code === 'database_busy';
    const late = isBusy ? await toRunning(dataDir, START_MS) : null;
    if (late) return late;
    const advice = isBusy
      ? t('cli.busy', { dataDir })
      : (startAdvice(error, { dataDir, port: 0 }) ?? String(error));
    throw new Exit(exitCodes.unavailable, advice);
  }
}
