export { defaultWaitSeconds, expectedSeconds, recommendedWaitSeconds } from './learned.ts';
export { openRebootLog, type RebootLog } from './log.ts';
export { progressOf, type RebootImportant, type RebootProgress } from './progress.ts';
export { rebootReport } from './report.ts';
export { earlierReboots } from './store.ts';
export { watchReboot, type Sighting, type WatchEnd } from './watch.ts';
