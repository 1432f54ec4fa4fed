import { expect, vi } from 'vitest';
import type { ScheduleRunSummary } from '../../../shared/contract/schedules.ts';
import type { ActionJob } from '../../actions/types.ts';
import type { Bulks } from '../../bulk/index.ts';
import { createRunner, type Runner } from '../../jobs/index.ts';
import { createRequests, type Requests } from '../../requests/index.ts';
import { insertMachine, testContext } from '../../testing/context.ts';
import { createSchedules, type Schedules } from '../schedules.ts';
import * as store from '../store.ts';
import { fakeActions, fakeHost, type FakeHost } from './fake-fleet.ts';

interface Life {
  readonly runner: Runner;
  readonly requests: Requests;
  readonly schedules: Schedules;
}
const open: Life[] = [];

/** Ends what the beds of a test began. */
export async function closeAll(): Promise<void> {
  for (const { runner, requests, schedules } of open.splice(0)) {
    requests.close();
    await schedules.close();
    await runner.close();
  }
}

/** A core's schedules on pretended hosts, with a clock that a test sets. */
export function setUp(
  hosts: Record<string, Partial<FakeHost>> = { a: {} },
  gate?: (job: ActionJob) => Promise<void>,
  start = '2026-11-26T01:00:00Z',
) {
  let now = new Date(start);
  const context = { ...testContext(), now: () => now };
  const byId = new Map<string, FakeHost>();
  const ids: Record<string, string> = {};
  for (const [name, host] of Object.entries(hosts)) {
    const id = insertMachine(context, name);
    ids[name] = id;
    byId.set(id, fakeHost(host));
  }
  const log: string[] = [];
  const begin = () => {
    const actions = fakeActions(context, byId, log, gate);
    const runner = createRunner(context, actions, 50);
    const requests = createRequests(context, actions, runner, {} as Bulks);
    const schedules = createSchedules(context, runner, requests);
    const made = { runner, requests, schedules };
    open.push(made);
    runner.start();
    schedules.start();
    requests.start();
    return made;
  };
  let life = begin();
  const names = () =>
    log.map((line) => {
      const [action, id] = line.split(' ');
      return `${action} ${Object.entries(ids).find(([, one]) => one === id)?.[0]}`;
    });
  return {
    context,
    ids,
    byId,
    names,
    get schedules() {
      return life.schedules;
    },
    get requests() {
      return life.requests;
    },
    get runner() {
      return life.runner;
    },
    /** Sets the clock and looks, as the timer does. */
    at(iso: string) {
      now = new Date(iso);
      life.schedules.look();
    },
    set: (iso: string) => (now = new Date(iso)),
    async restart(iso?: string) {
      await closeAll();
      if (iso !== undefined) now = new Date(iso);
      life = begin();
    },
    runs: (id: string): ScheduleRunSummary[] => store.runSummaries(context, { scheduleId: id, limit: 100 }),
    async ended(id: string, count = 1): Promise<ScheduleRunSummary[]> {
      await vi.waitFor(() => {
        const all = store.runSummaries(context, { scheduleId: id, limit: 100 });
        expect(all).toHaveLength(count);
        expect(all.every(({ status }) => status !== 'running')).toBe(true);
      });
      return store.runSummaries(context, { scheduleId: id, limit: 100 });
    },
    next: (id: string) => store.scheduleById(context, id).nextRunAt,
    notifications: () =>
      context.database.raw
        .prepare(
          "select kind || ' ' || severity from notifications where read_at is null order by created_at",
        )
        .pluck()
        .all(),
  };
}
