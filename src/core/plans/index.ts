export { planHandlers } from './handlers.ts';
export { refuseRemovals } from './removals.ts';
export { securityPlan, simulateSecurity } from './security.ts';
export { findPlan, storePlan, type StoredPlan } from './store.ts';
