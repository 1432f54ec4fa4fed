export { jobHandlers } from './handlers.ts';
export { queueHandlers } from './queue-handlers.ts';
export { createRunner, type Runner } from './runner.ts';
export { jobStatusOf } from './store.ts';
