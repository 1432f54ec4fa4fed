export { stateFromSnapshot } from './derive.ts';
export { containerSeenByRoot, formerRebootNeed } from './former-need.ts';
export { snapshotHandlers } from './handlers.ts';
export { saveAnalysis, worstError } from './save.ts';
export { deriveFromSnapshot, insertSnapshot, latestAnalysis } from './store.ts';
