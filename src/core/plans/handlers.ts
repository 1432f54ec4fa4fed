import { randomBytes } from 'node:crypto';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { toPlanned } from '../contract-shapes.ts';
import { readSimulatedPlan } from '../debian/simulated-plan.ts';
import { machineById } from '../machines/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { renderTemplate } from '../templates/render.ts';
import { sha256Hex } from '../templates/sha256.ts';
import { storePlan } from './store.ts';

const TIME_LIMIT_MS = 2 * 60_000;
const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;

export function planHandlers(
  context: CoreContext,
  pool: SshPool,
  templatesDir: string,
): Pick<HomeportHandlers, 'plans.simulate'> {
  return {
    'plans.simulate': async ({ machineId, mode, packages }, { signal }) => {
      machineById(context, machineId);
      const nonce = randomBytes(12).toString('hex');
      const { script } = renderTemplate(templatesDir, 'apt_simulate', { nonce, planMode: mode, packages });
      const { stdout } = await pool.exec(machineId, {
        script,
        asRoot: false,
        timeoutMs: TIME_LIMIT_MS,
        maxBytes: OUTPUT_LIMIT_BYTES,
        signal,
        reason: 'simulate a plan',
      });
      const output = Buffer.from(stdout).toString('utf8');
      const result = readSimulatedPlan(output, { nonce, mode, packages, sha256: sha256Hex });
      if (!result.ok) {
        const { kind, message, data } = result.error;
        throw new AppError(kind, message, { ...data, machineId });
      }
      const { planned, words, planHash, ...facts } = result.plan;
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
