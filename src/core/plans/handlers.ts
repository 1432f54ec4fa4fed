import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { toPlanned } from '../contract-shapes.ts';
import { machineById } from '../machines/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { simulatePlan } from './simulate.ts';
import { storePlan } from './store.ts';

export function planHandlers(
  context: CoreContext,
  pool: SshPool,
  templatesDir: string,
): Pick<HomeportHandlers, 'plans.simulate'> {
  return {
    'plans.simulate': async ({ machineId, mode, packages }, { signal }) => {
      machineById(context, machineId);
      const request = { machineId, mode, packages, signal };
      const { planned, words, planHash, ...facts } = await simulatePlan({ pool, templatesDir }, request);
      context.database.tx(() => storePlan(context, machineId, { mode, planHash, words, planned }));
      return {
        mode,
        planHash,
        planned: planned.map(toPlanned),
        removed: [...facts.removed],
        notPlanned: [...facts.notPlanned],
        downloadBytes: facts.downloadBytes,
        diskBytes: facts.diskBytes,
        editedConffiles: [...facts.editedConffiles],
      };
    },
  };
}
