export type { Download } from './tickets.ts';
export { createFiles, downloadPath } from './handlers.ts';
