import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { machineById } from '../machines/index.ts';
import { changedIds } from '../watch.ts';
import { toDetail, toSummary } from './detail.ts';
import * as store from './store.ts';

const CHUNK_BYTES = 64 * 1024;

export function executionHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'executions.list' | 'executions.get' | 'executions.watch' | 'executions.log'> {
  const detail = (id: string) => {
    const row = store.executionById(context, id);
    return toDetail(row, machineById(context, row.machineId, true).name);
  };
  return {
    'executions.list': (input) => ({
      executions: store
        .listExecutions(context, input)
        .map(({ row, machineName }) => toSummary(row, machineName)),
    }),
    'executions.get': ({ id }) => detail(id),
    'executions.watch': async function* ({ id }, { signal }) {
      const news = changedIds(context.bus, 'execution.changed', (n) => [n.executionId], signal, 100);
      let first = true;
      for await (const ids of news) {
        if (!first && !ids.includes(id)) continue;
        first = false;
        const now = detail(id);
        yield now;
        if (now.status !== 'running') return;
      }
    },
    'executions.log': async function* ({ id, offset }, { signal }) {
      const row = store.executionById(context, id);
      if (row.rawLogPath === null) return;
      const path = join(context.dataDir, row.rawLogPath);
      // The watch begins before the first read: bytes appended in between are not missed.
      const news = changedIds(context.bus, 'log.appended', (n) => [n.executionId], signal);
      let at = offset;
      for await (const ids of news) {
        if (ids.length > 0 && !ids.includes(id)) continue;
        const { status, logBytes } = store.executionById(context, id);
        const ended = status !== 'running';
        for await (const chunk of readFrom(path, at, logBytes, signal)) {
          at += chunk.byteLength;
          yield chunk;
        }
        if (ended) return;
      }
    },
  };
}

/** The bytes of a file from `offset` to `end`; what lies behind has not been committed. Nothing where there is no file yet. */
async function* readFrom(
  path: string,
  offset: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (offset >= end) return;
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    for (let at = offset; at < end && !signal.aborted;) {
      const length = Math.min(CHUNK_BYTES, end - at);
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
