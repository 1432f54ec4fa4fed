export { noPlan, type Attachment, type ImportantJson } from './detail.ts';
export { executionHandlers } from './handlers.ts';
export { setLiveRun } from './live.ts';
export { fileSize, openLog, sha256OfFile, tailOfFile } from './log-file.ts';
export {
  deriveFromResult,
  executionById,
  executionOfJob,
  insertExecution,
  listLeftRuns,
  ownsRun,
  updateExecution,
  type ExecutionPatch,
  type ExecutionRow,
} from './store.ts';
