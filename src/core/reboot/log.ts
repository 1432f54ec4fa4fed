import { join } from 'node:path';
import { isoNow, type CoreContext } from '../context.ts';
import { executionById, openLog, updateExecution } from '../executions/index.ts';

/** The run's log: one line for each thing that was seen or said, so that the wait can be read afterwards. */
export interface RebootLog {
  write(line: string): Promise<void>;
  close(): Promise<void>;
}

/** Continues where the row says that the log stands. Lines must hold no secret: redact what a host said. */
export async function openRebootLog(context: CoreContext, executionId: string): Promise<RebootLog> {
  const row = executionById(context, executionId);
  const file = await openLog(join(context.dataDir, row.rawLogPath ?? ''), row.logBytes);
  return {
    async write(line) {
      await file.append(Buffer.from(`${isoNow(context)} ${line}\n`));
      updateExecution(context, executionId, { logBytes: file.bytes });
      context.bus.publish('log.appended', { executionId });
    },
    close: () => file.close(),
  };
}
