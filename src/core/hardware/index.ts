export { hardwareHandlers } from './handlers.ts';
export { rebuildHardware, saveProbe } from './save.ts';
