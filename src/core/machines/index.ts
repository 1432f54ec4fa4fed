export { createDirectory } from './directory.ts';
export { machineHandlers } from './handlers.ts';
export { purgeExpired } from './removal.ts';
export { isKnownMachine, machineById, updateMachine, type MachineRow } from './store.ts';
