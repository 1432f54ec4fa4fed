import { describe, expect, it } from 'vitest';
import { watchReboot, type Sighting, type WatchEnd, type WatchOptions } from './watch.ts';

const before = 'boot-1';
const after = 'boot-2';
const up: Sighting = { kind: 'up', bootId: before, stopping: false };
const stopping: Sighting = { kind: 'up', bootId: before, stopping: true };
const away: Sighting = { kind: 'away', detail: 'refused' };
const barred: Sighting = { kind: 'answering', detail: 'ssh_auth_failed' };
const rebooted: Sighting = { kind: 'up', bootId: after, stopping: false };

/** A machine as a list of what is true from a second on; time passes only where the watch waits or logs in. */
async function watched(
  story: readonly (readonly [fromSeconds: number, sighting: Sighting])[],
  options: Partial<Pick<WatchOptions, 'until' | 'unwatched' | 'wentDownAtMs' | 'requestedAtMs'>> & {
    limits?: Partial<WatchOptions['limits']>;
    sleepsAt?: { seconds: number; forSeconds: number };
  } = {},
): Promise<{ end: WatchEnd; logins: number; phases: string[]; down: number | null }> {
  let nowMs = 0;
  let logins = 0;
  let down: number | null = null;
  let slept = false;
  const phases: string[] = [];
  const pass = (ms: number) => {
    nowMs += ms;
    const gap = options.sleepsAt;
    if (gap && !slept && nowMs >= gap.seconds * 1000) {
      slept = true;
      nowMs += gap.forSeconds * 1000;
    }
  };
  const now = () => story.findLast(([from]) => from * 1000 <= nowMs)?.[1] ?? up;
  const end = await watchReboot({
    beforeBootId: before,
    until: options.until ?? 'return',
    unwatched: options.unwatched ?? false,
    requestedAtMs: options.requestedAtMs ?? 0,
    wentDownAtMs: options.wentDownAtMs ?? null,
    limits: { downMs: 180_000, totalMs: 600_000, settleMs: 20_000, ...options.limits },
    look: () => {
      logins += 1;
      pass(300);
      return Promise.resolve(now());
    },
    ring: () => {
      pass(50);
      return Promise.resolve(now().kind !== 'away');
    },
    clock: {
      now: () => nowMs,
      sleep: (ms) => {
        pass(ms);
        return Promise.resolve();
      },
    },
    onSighting: () => undefined,
    onDown: (atMs) => {
      down = atMs;
    },
    onTick: (phase) => {
      if (phases.at(-1) !== phase) phases.push(phase);
    },
  });
  return { end, logins, phases, down };
}

describe('watching a reboot', () => {
  it('ok: down, away, refusing logins, back with a new boot id', async () => {
    const { end, phases, down } = await watched([
      [0, up],
      [4, stopping],
      [6, away],
      [40, barred],
      [50, rebooted],
    ]);
    expect(end).toMatchObject({ outcome: 'ok', afterBootId: after });
    expect(end.endedAtMs).toBeLessThan(62_000);
    expect(down).toBeGreaterThanOrEqual(6_000);
    expect(phases).toEqual(['going_down', 'waiting', 'back']);
  });

  it('ok: too quick for the outage to be seen', async () => {
    const { end } = await watched([
      [0, up],
      [2, rebooted],
    ]);
    expect(end).toMatchObject({ outcome: 'ok', afterBootId: after, wentDownAtMs: null });
  });

  it('a short outage between two logins is noticed, and the same boot is no success', async () => {
    const { end } = await watched([
      [0, up],
      [21, away],
      [24, up],
    ]);
    expect(end).toMatchObject({ outcome: 'boot_id_unchanged', afterBootId: before });
    expect(end.endedAtMs).toBeGreaterThan(40_000);
  });

  it('the same boot that goes away again while it is watched is waited for', async () => {
    const { end } = await watched([
      [0, away],
      [5, up],
      [15, away],
      [60, rebooted],
    ]);
    expect(end.outcome).toBe('ok');
  });

  it('ssh_never_went_down after its limit, with few logins', async () => {
    const { end, logins } = await watched([[0, up]]);
    expect(end.outcome).toBe('ssh_never_went_down');
    expect(end.endedAtMs).toBeGreaterThanOrEqual(180_000);
    expect(end.endedAtMs).toBeLessThan(200_000);
    expect(logins).toBeLessThan(25);
  });

  it('a system that is still stopping has not refused to go down', async () => {
    const { end } = await watched([
      [0, stopping],
      [300, away],
      [400, rebooted],
    ]);
    expect(end.outcome).toBe('ok');
  });

  it('machine_did_not_return', async () => {
    const { end } = await watched([
      [0, up],
      [3, away],
    ]);
    expect(end).toMatchObject({ outcome: 'machine_did_not_return', afterBootId: null, cameBackAtMs: null });
    expect(end.endedAtMs).toBeGreaterThanOrEqual(600_000);
  });

  it('timeout: it answers and nobody gets in, with ever fewer tries', async () => {
    const { end, logins } = await watched([
      [0, up],
      [3, away],
      [20, barred],
    ]);
    expect(end).toMatchObject({ outcome: 'timeout', afterBootId: null });
    expect(logins).toBeLessThan(65);
  });

  it('until it is down, and no longer', async () => {
    const { end } = await watched(
      [
        [0, up],
        [5, away],
      ],
      { until: 'down' },
    );
    expect(end).toMatchObject({ outcome: 'ok', afterBootId: null });
    expect(end.endedAtMs).toBeLessThan(12_000);
  });

  it('taken up later: the new boot is proof enough', async () => {
    const { end } = await watched([[0, rebooted]], { unwatched: true, requestedAtMs: -7_200_000 });
    expect(end).toMatchObject({ outcome: 'ok', afterBootId: after });
  });

  it('taken up later with the same boot: nobody can say that SSH never went down', async () => {
    const { end } = await watched([[0, up]], { unwatched: true, requestedAtMs: -7_200_000 });
    expect(end.outcome).toBe('boot_id_unchanged');
  });

  it('taken up after the limit, it still gives the machine a chance', async () => {
    const { end } = await watched(
      [
        [0, away],
        [30, rebooted],
      ],
      { unwatched: true, requestedAtMs: -7_200_000 },
    );
    expect(end.outcome).toBe('ok');
  });

  it('after this computer slept, the first failure is not the last word', async () => {
    const { end } = await watched(
      [
        [0, up],
        [3, away],
        [2_020, rebooted],
      ],
      { sleepsAt: { seconds: 10, forSeconds: 2_000 } },
    );
    expect(end.outcome).toBe('ok');
  });
});
