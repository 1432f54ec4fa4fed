import { AppError } from '../../../shared/domain/errors.ts';
import { createSshPool, type SshPoolOptions } from '../pool.ts';
import type { ExecRequest, ExecResult, SshPool, SshTarget } from '../types.ts';
import {
  createTestDirectory,
  startServer,
  type TestDirectory,
  type TestServer,
  type TestServerOptions,
} from './server.ts';

/** Servers and pools of one test, closed together. */
export interface PoolFixture {
  server(options?: TestServerOptions): Promise<TestServer>;
  /** A pool that knows these machines; each has the test server's password. */
  pool(
    targets: SshTarget | readonly SshTarget[],
    options?: Partial<SshPoolOptions>,
  ): { pool: SshPool; directory: TestDirectory };
  onEnd(cleanup: () => Promise<unknown>): void;
  end(): Promise<void>;
}

export function createPoolFixture(): PoolFixture {
  const cleanups: (() => Promise<unknown>)[] = [];
  return {
    async server(options = {}) {
      const started = await startServer(options);
      cleanups.push(() => started.close());
      return started;
    },
    pool(targets, options = {}) {
      const directory = createTestDirectory();
      for (const target of [targets].flat()) {
        directory.targets.set(target.machineId, target);
        directory.secrets.set(`${target.machineId}.password`, 'correct horse');
      }
      const pool = createSshPool({ directory, connectTimeoutMs: 5000, ...options });
      cleanups.push(() => pool.close());
      return { pool, directory };
    },
    onEnd(cleanup) {
      cleanups.push(cleanup);
    },
    async end() {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
  };
}

export function run(pool: SshPool, script: string, more: Partial<ExecRequest> = {}): Promise<ExecResult> {
  return pool.exec('m1', { script, timeoutMs: 10_000, reason: 'test', ...more });
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** The AppError with which the promise rejects. */
export async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw error as Error;
  return error;
}
