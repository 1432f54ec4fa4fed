export type { Download } from './downloads.ts';
export { createFiles, downloadPath } from './handlers.ts';
