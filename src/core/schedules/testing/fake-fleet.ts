import { createHash } from 'node:crypto';
import { scheduleInput, type ScheduleInput } from '../../../shared/contract/schedules.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import type { AptPackage } from '../../../shared/domain/snapshot.ts';
import {
  planModes,
  startableActions,
  type PlanSelection,
  type StartableAction,
} from '../../../shared/domain/unions.ts';
import type { Action, ActionJob, ActionOptions, ActionOutcome, Actions } from '../../actions/types.ts';
import type { CoreContext } from '../../context.ts';
import { newId } from '../../db/ids.ts';
import { findPlan, storePlan, type StoredPlan } from '../../plans/index.ts';
import { insertSnapshot } from '../../snapshots/index.ts';
import { plannedNow, selectionOf } from '../../actions/apt-change.ts';
import { nextAfter } from '../cron.ts';
import { columnsOf } from '../model.ts';
import * as store from '../store.ts';

/** What a pretended host has; its actions read and change it. */
export interface FakeHost {
  updates: number;
  security: number;
  removals: number;
  /** Packages that nothing needs any more. */
  unused: number;
  rebootNeeded: boolean;
  /** An upgrade leaves it in need of a reboot. */
  upgradeWantsReboot: boolean;
  fails: StartableAction | null;
}

export const fakeHost = (host: Partial<FakeHost> = {}): FakeHost => ({
  updates: 2,
  security: 0,
  removals: 0,
  unused: 0,
  rebootNeeded: false,
  upgradeWantsReboot: false,
  fails: null,
  ...host,
});

const removed = (name: string): AptPackage => ({
  name,
  currentVersion: '1',
  targetVersion: '1',
  origin: null,
  operation: 'remove',
});

const packagesOf = ({ updates, security, removals }: FakeHost): AptPackage[] => [
  ...Array.from({ length: updates }, (_, i): AptPackage => ({
    name: `p${i}`,
    currentVersion: '1',
    targetVersion: '2',
    origin: 'Debian',
    operation: 'upgrade',
    severityHint: i < security ? 'security' : 'normal',
  })),
  ...Array.from({ length: removals }, (_, i) => removed(`gone${i}`)),
];

const hashOf = (machineId: string, packages: readonly AptPackage[]): string =>
  createHash('sha256')
    .update(`${machineId}-${JSON.stringify(packages)}`)
    .digest('hex');

/** A clock that stands still must not make two analyses equally new. */
let looks = 0;

/** Stores an analysis of a pretended host, as a refresh does, and what was to be simulated as well. */
export function storeLook(
  context: CoreContext,
  machineId: string,
  host: FakeHost,
  foresee: readonly PlanSelection[] = [],
): void {
  const packages = packagesOf(host);
  const hash = hashOf(machineId, packages);
  const unused = Array.from({ length: host.unused }, (_, i) => removed(`unused${i}`));
  const at = new Date(context.now().getTime() + ++looks);
  insertSnapshot(context, {
    id: newId(),
    machineId,
    kind: 'apt_update_analyze',
    createdAt: at.toISOString(),
    status: 'ok',
    payloadJson: JSON.stringify({
      machineId,
      hostname: 'h',
      checkedAt: context.now().toISOString(),
      os: { family: 'debian', version: '12' },
      status: 'ok',
      apt: {
        enabled: true,
        count: packages.length,
        rebootRequired: host.rebootNeeded,
        packages,
        planHash: hash,
        upgradePackages: packages.filter(({ operation }) => operation === 'upgrade'),
        upgradePlanHash: hash,
        autoremovePackages: unused,
        autoremovePlanHash: hashOf(machineId, unused),
      },
    }),
  });
  for (const selection of foresee) storeSecurity({ ...context, now: () => at }, machineId, host, selection);
}

/** Stores what a pretended host answers when its security updates alone are simulated. */
function storeSecurity(
  context: CoreContext,
  machineId: string,
  host: FakeHost,
  selection: PlanSelection,
): void {
  const planned = packagesOf(host).filter(({ severityHint }) => severityHint === 'security');
  if (planned.length === 0) return;
  const words = planned.map(({ name, targetVersion }) => `${name}=${targetVersion}`);
  const planHash = hashOf(machineId, planned);
  storePlan(context, machineId, { mode: 'selected', planHash, words, planned }, selection);
}

/** Actions on pretended hosts. `gate` may hold a job back, or let it fail. */
export function fakeActions(
  context: CoreContext,
  hosts: ReadonlyMap<string, FakeHost>,
  log: string[],
  gate: (job: ActionJob, action: StartableAction) => Promise<void> = () => Promise.resolve(),
): Actions {
  const make = (name: StartableAction): Action => {
    const selection = selectionOf(name);
    const planOf = (machineId: string, { planHash, security = false }: ActionOptions): StoredPlan | null => {
      const stored = planHash === undefined ? undefined : findPlan(context, machineId, planHash, planModes);
      if (stored) return stored;
      const planned = plannedNow(context, machineId, name, security);
      if (planned === null) return null;
      const now = hashOf(machineId, planned);
      if (planHash !== undefined && planHash !== now) throw new AppError('apt_plan_changed', 'changed');
      return { mode: security ? 'selected' : 'dist_upgrade', planHash: now, words: [], planned };
    };
    const run = async (job: ActionJob): Promise<ActionOutcome> => {
      const host = hosts.get(job.machineId) ?? fakeHost();
      log.push(`${name} ${job.machineId}`);
      await gate(job, name);
      if (host.fails === name) {
        return { status: 'error', error: new AppError('apt_package_failed', 'no') };
      }
      if (name === 'apt_full_upgrade' || name === 'apt_upgrade') {
        host.updates = job.options.security ? host.updates - host.security : 0;
        host.security = 0;
        if (host.upgradeWantsReboot) host.rebootNeeded = true;
      } else if (name === 'apt_autoremove') host.unused = 0;
      else if (name === 'reboot_verified') host.rebootNeeded = false;
      storeLook(context, job.machineId, host, job.options.foresee);
      return { status: 'ok' };
    };
    return {
      idempotent: name === 'apt_update_analyze',
      lockKind: 'apt',
      validate: (machineId, options) => {
        const plan = planOf(machineId, options);
        if (plan?.planned.length === 0) {
          throw new AppError('conflict', 'There is nothing to do', { nothingToDo: true });
        }
        return plan ? { ...options, planHash: plan.planHash } : options;
      },
      plan: planOf,
      foresee: (machineId, { security }) => {
        const host = hosts.get(machineId);
        if (security && selection !== null && host) {
          const later = { ...context, now: () => new Date(context.now().getTime() + looks) };
          storeSecurity(later, machineId, host, selection);
        }
        return Promise.resolve();
      },
      run,
      ...(name !== 'apt_update_analyze' && { resume: run }),
    };
  };
  return Object.fromEntries(startableActions.map((name) => [name, make(name)])) as Actions;
}

/** Puts a schedule in as the handler does. */
export function putSchedule(
  context: CoreContext,
  input: Partial<ScheduleInput>,
  from: Date = context.now(),
): string {
  const whole = scheduleInput.parse({
    name: 'nightly',
    cron: '0 2 * * *',
    timezone: 'UTC',
    scope: { by: 'all' },
    steps: [{ action: 'apt_update_analyze' }],
    ...input,
  });
  return store.insertSchedule(context, {
    ...columnsOf(whole),
    enabled: true,
    nextRunAt: nextAfter(whole.cron, whole.timezone, from)?.toISOString() ?? null,
  });
}
