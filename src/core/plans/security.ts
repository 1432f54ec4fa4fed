import { updateSnapshotSchema, type UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import type { PlanSelection } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';
import { printedName } from '../debian/upgradable.ts';
import { latestAnalysis } from '../snapshots/index.ts';
import { simulatePlan, type SimulationDeps } from './simulate.ts';
import { findChosenPlan, storePlan, type StoredPlan } from './store.ts';

/** `unknown`: there are security updates, and nobody has simulated them alone since the newest analysis. */
export type SecurityPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'plan'; readonly plan: StoredPlan };

/**
 * The packages of a plan that come from a security archive, as APT takes their names. What such an update newly needs follows from it
 * and is not chosen by itself.
 */
function securityNames({ apt, host }: UpdateSnapshot, selection: PlanSelection): string[] {
  const planned = selection === 'upgrade_security' ? (apt.upgradePackages ?? []) : apt.packages;
  return planned
    .filter(({ operation, severityHint }) => operation === 'upgrade' && severityHint === 'security')
    .map(({ name, arch }) => printedName(name, arch, host?.architecture ?? ''));
}

/** The plan that would install the security updates alone, by the newest analysis; null where there is none. */
export function securityPlan(
  context: CoreContext,
  machineId: string,
  selection: PlanSelection,
): SecurityPlan | null {
  const row = latestAnalysis(context, machineId);
  if (!row) return null;
  const snapshot = updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
  if (securityNames(snapshot, selection).length === 0) return { kind: 'none' };
  const plan = findChosenPlan(context, machineId, selection, row.createdAt);
  return plan ? { kind: 'plan', plan } : { kind: 'unknown' };
}

/**
 * Asks a machine what installing its security updates alone would do, and keeps that plan, so that it can be approved.
 * @throws AppError as `simulatePlan`
 */
export async function simulateSecurity(
  deps: SimulationDeps & { readonly context: CoreContext },
  machineId: string,
  selection: PlanSelection,
  signal: AbortSignal,
): Promise<void> {
  const { context } = deps;
  const row = latestAnalysis(context, machineId);
  if (!row) return;
  const packages = securityNames(updateSnapshotSchema.parse(JSON.parse(row.payloadJson)), selection);
  if (packages.length === 0) return;
  const mode = 'selected';
  const { planHash, words, planned } = await simulatePlan(deps, { machineId, mode, packages, signal });
  context.database.tx(() => storePlan(context, machineId, { mode, planHash, words, planned }, selection));
}
