export { planHandlers } from './handlers.ts';
export { findPlan, storePlan, type StoredPlan } from './store.ts';
