export { jobHandlers } from './handlers.ts';
export { createRunner, type Runner } from './runner.ts';
