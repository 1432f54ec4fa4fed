import type { Client, ContractShape, Handlers } from './define.ts';
import { appProcedures } from './app.ts';
import { connectionProcedures } from './connections.ts';
import { executionProcedures } from './executions.ts';
import { fileProcedures } from './files.ts';
import { fleetProcedures } from './fleet.ts';
import { forwardProcedures } from './forwards.ts';
import { hardwareProcedures } from './hardware.ts';
import { hostMenuProcedures } from './host-menu.ts';
import { inventoryProcedures } from './inventory.ts';
import { jobProcedures } from './jobs.ts';
import { machineUiProcedures } from './machine-ui.ts';
import { machineProcedures } from './machines.ts';
import { notificationProcedures } from './notifications.ts';
import { outwardProcedures } from './outward.ts';
import { queueProcedures } from './queue.ts';
import { recordingProcedures } from './recordings.ts';
import { reportProcedures } from './reports.ts';
import { requestProcedures } from './requests.ts';
import { scheduleProcedures } from './schedules.ts';
import { terminalProcedures } from './terminals.ts';
import { timelineProcedures } from './timeline.ts';
import { updateProcedures } from './updates.ts';
import { vaultProcedures } from './vault.ts';

/** Every operation of the product, once. Adding one here does not compile until core has its handler. */
export const contract = {
  ...appProcedures,
  ...fleetProcedures,
  ...inventoryProcedures,
  ...jobProcedures,
  ...updateProcedures,
  ...executionProcedures,
  ...timelineProcedures,
  ...vaultProcedures,
  ...notificationProcedures,
  ...machineProcedures,
  ...machineUiProcedures,
  ...hostMenuProcedures,
  ...queueProcedures,
  ...scheduleProcedures,
  ...requestProcedures,
  ...hardwareProcedures,
  ...terminalProcedures,
  ...recordingProcedures,
  ...fileProcedures,
  ...forwardProcedures,
  ...connectionProcedures,
  ...reportProcedures,
  ...outwardProcedures,
} satisfies ContractShape;

export type Contract = typeof contract;
export type HomeportClient = Client<Contract>;
export type HomeportHandlers = Handlers<Contract>;
