import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/shared/contract/models.ts';
import { isFinalStatus } from '../../src/shared/domain/job-moves.ts';
import { addHost, openCoreSession, openVault, type CoreSession } from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'queue-hosts';
const HOSTS = 25;
const LIMIT = 8;
/** In the order in which each machine gets them. */
const actions = ['machine_probe', 'apt_update_analyze', 'machine_probe'] as const;

/** When a job was at work, as its own log says: milliseconds. */
interface Turn {
  readonly jobId: string;
  readonly machineId: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The most that were at work at once; what ends at the moment of a start makes room for it. */
function mostAtOnce(turns: readonly Turn[]): number {
  const steps = turns.flatMap(({ startMs, endMs }) => [
    { atMs: startMs, by: 1 },
    { atMs: endMs, by: -1 },
  ]);
  steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let now = 0;
  return Math.max(...steps.map(({ by }) => (now += by)));
}

describe.skipIf(reason !== null)(`the queue on real hosts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  let ids: string[];
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: Array.from({ length: HOSTS }, (_, i) => ({ name: `h${i + 1}`, sudo: 'nopasswd' as const })),
    });
    session = await openCoreSession();
    await openVault(session);
    const login = { authMethod: 'ssh_key', sudoMode: 'nopasswd', privateKey: bed.privateKey } as const;
    ids = await Promise.all(bed.hosts.map((host) => addHost(session, host, login)));
  });
  afterAll(async () => {
    await session.close();
    rmSync(session.dataDir, { recursive: true, force: true });
    await removeTestbed(bedName);
  });

  it(`does ${HOSTS} machines × ${actions.length} jobs: first in first out, one at a time on each, ${LIMIT} at once, in turns`, async () => {
    const { client } = session;
    await client['queue.setConcurrency']({ concurrency: LIMIT });
    await client['queue.pause']({ machineId: null });
    const wanted = new Map<string, string[]>();
    // All of a machine at once: the worst case for those that come last.
    for (const id of ids) {
      const own: string[] = [];
      for (const action of actions) {
        const { jobs } = await client['jobs.start']({ action, machineIds: [id] });
        own.push(jobs[0]?.jobId ?? '');
      }
      wanted.set(id, own);
    }
    const isWanted = new Set([...wanted.values()].flat());
    expect(isWanted.size).toBe(HOSTS * actions.length);
    const ended = new Map<string, Job>();
    for await (const news of client['jobs.watch']({})) {
      if (news.type === 'snapshot') {
        expect(news.jobs.map(({ status }) => status)).toEqual(Array(isWanted.size).fill('queued'));
        await client['queue.resume']({ machineId: null });
      } else if (isFinalStatus(news.job.status)) ended.set(news.job.id, news.job);
      if (ended.size === isWanted.size) break;
    }
    expect([...ended.values()].filter(({ status }) => status !== 'ok')).toEqual([]);

    const turnOf = async ({ id: jobId, machineId }: Job): Promise<Turn> => {
      const { lines } = await client['jobs.log']({ id: jobId });
      const moments = (code: string): number[] =>
        lines.filter((line) => line.code === code).map((line) => Date.parse(line.at));
      // Each ran once, and nobody had to take it up again.
      const [starts, ends] = [moments('started'), moments('ended')];
      expect([starts.length, ends.length, moments('taken_up').length]).toEqual([1, 1, 0]);
      return { jobId, machineId: machineId ?? '', startMs: starts[0] ?? NaN, endMs: ends[0] ?? NaN };
    };
    const turns = (await Promise.all([...ended.values()].map(turnOf))).sort((a, b) => a.startMs - b.startMs);
    const ofMachine = (id: string) => turns.filter(({ machineId }) => machineId === id);
    for (const id of ids) {
      const own = ofMachine(id);
      expect(own.map(({ jobId }) => jobId)).toEqual(wanted.get(id));
      for (const [i, next] of own.slice(1).entries()) {
        expect(next.startMs).toBeGreaterThanOrEqual(own[i]?.endMs ?? NaN);
      }
    }
    expect(mostAtOnce(turns)).toBe(LIMIT);
    // Whoever was served longest ago comes next: nobody has a second turn before everybody has had a first.
    const [firsts, seconds] = [0, 1].map((n) => ids.map((id) => ofMachine(id)[n]?.startMs ?? NaN));
    expect(Math.max(...(firsts ?? []))).toBeLessThanOrEqual(Math.min(...(seconds ?? [])));
    // What was done was done there.
    const { rows } = await client['fleet.snapshot']({});
    expect(rows.filter(({ state }) => state.analyzedAt === null || state.runningJobId !== null)).toEqual([]);
  });
});
