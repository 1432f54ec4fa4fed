export { stateFromSnapshot } from './derive.ts';
export { formerRebootNeed } from './former-need.ts';
export { snapshotHandlers } from './handlers.ts';
export { saveAnalysis, worstError } from './save.ts';
export { deriveFromSnapshot, insertSnapshot, latestAnalysis } from './store.ts';
