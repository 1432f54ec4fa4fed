import { join } from 'node:path';
import { fileSize, openLog, updateExecution, type ExecutionRow } from '../executions/index.ts';
import { createRedactor, redactionMark } from '../redact/redactor.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { ActionDeps } from './deps.ts';

/** The stored log of a run: redacted, appended, its offsets in the row. */
export interface RunLog {
  /** Bytes of the host's output that are safely stored: where following (again) begins. */
  readonly offset: number;
  append(offset: number, bytes: Uint8Array): Promise<void>;
  /** Writes what the redactor held back; the run has ended. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the log of a run where its row says that it stands. Bytes behind that were written without their offset being
 * stored and are cut off; when the file is shorter than its row says (a power cut), all is fetched again.
 */
export async function openRunLog(deps: ActionDeps, row: ExecutionRow): Promise<RunLog> {
  const { context } = deps;
  const path = join(context.dataDir, row.rawLogPath ?? '');
  // First what may fail without leaving anything open: the vault may be locked.
  const redactor = createRedactor(deps.credentials.currentSecrets(row.machineId));
  const whole = (await fileSize(path)) >= row.logBytes;
  const file = await openLog(path, whole ? row.logBytes : 0);
  let redactedCount = whole ? row.redactedCount : 0;
  let received = whole ? row.outputOffset : 0;

  async function store(bytes: Uint8Array): Promise<void> {
    await file.append(bytes);
    redactedCount += marksIn(bytes);
    updateExecution(context, row.id, {
      outputOffset: received - redactor.pendingBytes(),
      logBytes: file.bytes,
      redactedCount,
    });
    context.bus.publish('log.appended', { executionId: row.id });
  }

  return {
    get offset() {
      return received - redactor.pendingBytes();
    },
    async append(offset, bytes) {
      if (offset !== received) {
        throw new AppError('internal', 'Output arrived out of order', { expected: received, offset });
      }
      received += bytes.byteLength;
      await store(redactor.push(bytes));
    },
    finish: () => store(redactor.flush()),
    close: () => file.close(),
  };
}

/** How often the redactor put its mark; it never cuts one in two. */
function marksIn(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = text.indexOf(redactionMark); at >= 0; at = text.indexOf(redactionMark, at + 1)) count++;
  return count;
}
