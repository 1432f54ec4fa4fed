import { randomBytes } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import type { PlanMode } from '../../shared/domain/unions.ts';
import { readSimulatedPlan, type SimulatedPlanFacts } from '../debian/simulated-plan.ts';
import type { SshPool } from '../ssh/types.ts';
import { renderTemplate } from '../templates/render.ts';
import { sha256Hex } from '../templates/sha256.ts';

const TIME_LIMIT_MS = 2 * 60_000;
const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;

export interface SimulationDeps {
  readonly pool: Pick<SshPool, 'exec'>;
  readonly templatesDir: string;
}

export interface SimulationRequest {
  readonly machineId: string;
  readonly mode: PlanMode;
  /** Names, with `:arch` where foreign; only and always for `selected`. */
  readonly packages: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Simulates a plan on a machine with the lists that it has; changes nothing there.
 * @throws AppError ssh_*, vault_locked, output_unparseable, conflict (packages on hold), apt_*, cancelled
 */
export async function simulatePlan(
  { pool, templatesDir }: SimulationDeps,
  { machineId, mode, packages, signal }: SimulationRequest,
): Promise<SimulatedPlanFacts> {
  const nonce = randomBytes(12).toString('hex');
  const variables = { nonce, planMode: mode, packages: [...packages] };
  const { script } = renderTemplate(templatesDir, 'apt_simulate', variables);
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
  if (result.ok) return result.plan;
  const { kind, message, data } = result.error;
  throw new AppError(kind, message, { ...data, machineId });
}
