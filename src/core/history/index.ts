export { historyMark, recordForeignRuns } from './record.ts';
