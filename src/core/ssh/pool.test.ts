import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { createSshPool, type SshPoolOptions } from './pool.ts';
import {
  createTestDirectory,
  startServer,
  targetAt,
  type TestServer,
  type TestServerOptions,
} from './testing/server.ts';
import type { ExecRequest, ExecResult, SshPool, SshTarget } from './types.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function server(options: TestServerOptions = {}): Promise<TestServer> {
  const started = await startServer(options);
  cleanups.push(() => started.close());
  return started;
}

function poolFor(target: SshTarget, options: Partial<SshPoolOptions> = {}) {
  const directory = createTestDirectory();
  directory.targets.set(target.machineId, target);
  directory.secrets.set(`${target.machineId}.password`, 'correct horse');
  const pool = createSshPool({ directory, connectTimeoutMs: 5000, ...options });
  cleanups.push(() => pool.close());
  return { pool, directory };
}

function run(pool: SshPool, script: string, more: Partial<ExecRequest> = {}): Promise<ExecResult> {
  return pool.exec('m1', { script, timeoutMs: 10_000, reason: 'test', ...more });
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw error;
  return error;
}

describe('exec', () => {
  it('gives back output, errors and the exit status', async () => {
    const { pool } = poolFor(targetAt((await server()).port));
    const result = await run(pool, 'echo out; echo err >&2; exit 7');
    expect({ ...result, stdout: text(result.stdout), stderr: text(result.stderr) }).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 7,
    });
  });

  it('feeds bytes to file descriptor 0 and returns them unchanged', async () => {
    const { pool } = poolFor(targetAt((await server()).port));
    const bytes = randomBytes(3_000_000);
    const result = await run(pool, 'echo "$STDIN_BYTES" >&2; cat', { stdin: bytes });
    expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
    expect(text(result.stderr)).toBe('3000000\n');
  });
});
export { failure };
