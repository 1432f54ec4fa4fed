import { createHash } from 'node:crypto';
import { scheduleInput, type ScheduleInput } from '../../../shared/contract/schedules.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import type { AptPackage } from '../../../shared/domain/snapshot.ts';
import { planModes, startableActions, type StartableAction } from '../../../shared/domain/unions.ts';
import type { Action, ActionJob, ActionOutcome, Actions } from '../../actions/types.ts';
import type { CoreContext } from '../../context.ts';
import { newId } from '../../db/ids.ts';
import { findPlan, type StoredPlan } from '../../plans/index.ts';
import { insertSnapshot } from '../../snapshots/index.ts';
import { plannedNow } from '../../actions/apt-change.ts';
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

/** Stores an analysis of a pretended host, as a refresh does. */
export function storeLook(context: CoreContext, machineId: string, host: FakeHost): void {
  const packages = packagesOf(host);
  const hash = hashOf(machineId, packages);
  const unused = Array.from({ length: host.unused }, (_, i) => removed(`unused${i}`));
  insertSnapshot(context, {
    id: newId(),
    machineId,
    kind: 'apt_update_analyze',
    createdAt: new Date(context.now().getTime() + ++looks).toISOString(),
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
}

/** Actions on pretended hosts. `gate` may hold a job back, or let it fail. */
export function fakeActions(
  context: CoreContext,
  hosts: ReadonlyMap<string, FakeHost>,
  log: string[],
  gate: (job: ActionJob, action: StartableAction) => Promise<void> = () => Promise.resolve(),
): Actions {
  const make = (name: StartableAction): Action => {
    const planOf = (machineId: string, planHash: string | undefined): StoredPlan | null => {
      const stored = planHash === undefined ? undefined : findPlan(context, machineId, planHash, planModes);
      const planned = plannedNow(context, machineId, name);
      if (stored || planned === null) return stored ?? null;
      const now = hashOf(machineId, planned);
      if (planHash !== undefined && planHash !== now) throw new AppError('apt_plan_changed', 'changed');
      return { mode: 'dist_upgrade', planHash: now, words: [], planned };
    };
    const run = async (job: ActionJob): Promise<ActionOutcome> => {
      const host = hosts.get(job.machineId) ?? fakeHost();
      log.push(`${name} ${job.machineId}`);
      await gate(job, name);
      if (host.fails === name) {
        return { status: 'error', error: new AppError('apt_package_failed', 'no') };
      }
      if (name === 'apt_full_upgrade' || name === 'apt_upgrade') {
        host.updates = 0;
        host.security = 0;
        if (host.upgradeWantsReboot) host.rebootNeeded = true;
      } else if (name === 'apt_autoremove') host.unused = 0;
      else if (name === 'reboot_verified') host.rebootNeeded = false;
      storeLook(context, job.machineId, host);
      return { status: 'ok' };
    };
    return {
      idempotent: name === 'apt_update_analyze',
      lockKind: 'apt',
      validate: (machineId, options) => {
        const plan = planOf(machineId, options.planHash);
        if (plan?.planned.length === 0) {
          throw new AppError('conflict', 'There is nothing to do', { nothingToDo: true });
        }
        return plan ? { ...options, planHash: plan.planHash } : options;
      },
      plan: (machineId, { planHash }) => planOf(machineId, planHash),
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
