export { createBulks, type Bulks } from './bulks.ts';
export { bulkHandlers } from './handlers.ts';
