export { stateFromSnapshot } from './derive.ts';
export { snapshotHandlers } from './handlers.ts';
export { saveAnalysis, worstError } from './save.ts';
export { deriveFromSnapshot, latestAnalysis } from './store.ts';
