import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/models.ts';
import type { QueueState } from '../../../shared/contract/queue.ts';
import { inOrder, placesOf, tableRows } from './queue-rows.ts';

const now = '2026-03-01T12:00:00.000Z';
const state: QueueState = {
  concurrency: 2,
  pausedAt: null,
  pausedMachines: [],
  locks: [],
  vaultMachineIds: [],
};
let count = 0;
function job(machineId: string, part: Partial<Job> = {}): Job {
  const id = `job-${String(++count).padStart(3, '0')}`;
  return {
    id,
    machineId,
    machineName: machineId,
    action: 'apt_upgrade',
    status: 'queued',
    executionId: null,
    snapshotId: null,
    createdAt: `2026-03-01T11:00:00.${String(count).padStart(3, '0')}Z`,
    startedAt: null,
    finishedAt: null,
    step: null,
    percent: null,
    cancelRequested: false,
    priority: 0,
    attempt: 0,
    maxAttempts: 1,
    notBefore: null,
    error: null,
    ...part,
  };
}

describe('why jobs wait', () => {
  it('names the job just before on the machine, and counts those before it', () => {
    const running = job('a', { status: 'running' });
    const [second, third] = [job('a'), job('a')];
    const places = placesOf([running, second, third], state, now);
    expect(places.get(second.id)).toEqual({
      reason: { code: 'behind_job', jobId: running.id, ahead: 1 },
      index: 0,
      of: 2,
    });
    expect(places.get(third.id)).toEqual({
      reason: { code: 'behind_job', jobId: second.id, ahead: 2 },
      index: 1,
      of: 2,
    });
    expect(places.has(running.id)).toBe(false);
  });

  it('tells of a pause before anything else, and of one machine only for that machine', () => {
    const [one, behind, other] = [job('a'), job('a'), job('b')];
    const reason = (held: Partial<QueueState>, of: Job) =>
      placesOf([one, behind, other], { ...state, ...held }, now).get(of.id)?.reason.code;
    const machine = { pausedMachines: [{ machineId: 'a', machineName: 'a', pausedAt: now }] };
    expect(reason(machine, behind)).toBe('machine_paused');
    expect(reason(machine, other)).toBe('next');
    expect(reason({ pausedAt: now }, other)).toBe('paused');
    expect(reason({ vaultMachineIds: ['b'] }, other)).toBe('vault_locked');
  });

  it('tells when the limit is reached, and until when an attempt waits', () => {
    const busy = [job('x', { status: 'running' }), job('y', { status: 'running' })];
    const waits = job('a');
    expect(placesOf([...busy, waits], state, now).get(waits.id)?.reason).toEqual({
      code: 'concurrency',
      running: 2,
      limit: 2,
    });
    const later = '2026-03-01T12:00:20.000Z';
    const again = job('b', {
      notBefore: later,
      attempt: 1,
      maxAttempts: 3,
      error: { kind: 'ssh_timeout', message: 'no answer', data: {} },
    });
    expect(placesOf([again], state, now).get(again.id)?.reason).toEqual({
      code: 'backoff',
      until: later,
      attempt: 1,
      maxAttempts: 3,
      errorKind: 'ssh_timeout',
    });
    expect(placesOf([again], state, later).get(again.id)?.reason.code).toBe('next');
  });
});

describe('the rows of the page', () => {
  it('show waiting jobs as they will come, with priority within their machine', () => {
    const [a1, a2, b1] = [job('a'), job('a', { priority: 1 }), job('b')];
    const places = placesOf([a1, a2, b1], state, now);
    expect(inOrder([a1, a2, b1], places)).toEqual([a2, b1, a1]);
  });

  it('have a head for each part that is there, and count only what is known whole', () => {
    const [runs, waits, ended] = [
      job('a', { status: 'running' }),
      job('b'),
      job('c', { status: 'ok' }),
    ] as const;
    const parts = { running: [runs], waiting: [waits], done: [ended] };
    const shape = (shown: Parameters<typeof tableRows>[2], isAllDone = false) =>
      tableRows(parts, new Map(), shown, isAllDone).map((row) =>
        row.kind === 'head' ? `${row.section} ${row.isWhole ? row.count : '?'}` : row.job.id,
      );
    expect(shape('all')).toEqual(['running 1', runs.id, 'waiting 1', waits.id, 'done ?', ended.id]);
    expect(shape('failed', true)).toEqual(['done 1', ended.id]);
    expect(shape('waiting')).toEqual(['waiting 1', waits.id]);
    expect(tableRows({ running: [], waiting: [], done: [] }, new Map(), 'all', true)).toEqual([]);
  });
});
