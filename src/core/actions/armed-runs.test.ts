import { resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { listArmed } from '../armed/index.ts';
import type { ArmedHosts, ArmedState } from '../remote/armed.ts';
import { putSchedule } from '../schedules/testing/fake-fleet.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { armRun, collectArmed, revokeArmed } from './armed-runs.ts';
import type { ActionDeps } from './deps.ts';

const templatesDir = resolve(import.meta.dirname, '../../../resources/templates');
const lost = () => new AppError('ssh_connection_lost', 'gone');

/** A host that holds a timer when it was reached; `arm` and `revoke` do what the test says. */
function setUp() {
  const now = new Date('2026-11-26T01:00:00Z');
  const context = { ...testContext(), now: () => now };
  const machineId = insertMachine(context, 'nas');
  const scheduleId = putSchedule(context, {});
  let state: ArmedState['kind'] = 'absent';
  const arm = vi.fn<ArmedHosts['arm']>(() => {
    state = 'waiting';
    return Promise.resolve({ bootId: 'boot' });
  });
  const revoke = vi.fn<ArmedHosts['revoke']>(() => {
    state = 'absent';
    return Promise.resolve('revoked');
  });
  const inspect = () => Promise.resolve({ kind: state } as ArmedState);
  const deps = {
    context,
    templatesDir,
    armed: { arm, inspect, revoke },
    remote: { remove: () => Promise.resolve() },
  } as unknown as ActionDeps;
  const order = {
    scheduleId,
    machineId,
    action: 'apt_clean',
    spec: {
      action: 'apt_clean',
      template: 'apt_clean',
      variables: {},
      steps: ['connect', 'launch', 'clean', 'verify', 'report'],
      plan: null,
      isAttached: false,
    },
    dueAt: new Date('2026-11-26T02:00:00Z'),
    expiresAt: new Date('2026-11-26T04:00:00Z'),
  } as const;
  return {
    context,
    arm,
    revoke,
    reach: (kind: ArmedState['kind']) => (state = kind),
    armNow: () => armRun(deps, order),
    contact: () => collectArmed(deps, machineId),
    takeBack: () => revokeArmed(deps, shown()?.id ?? ''),
    shown,
    events: () =>
      context.database.raw
        .prepare("select event_type from machine_events where event_type like 'schedule.%' order by id")
        .pluck()
        .all(),
  };
  function shown() {
    return listArmed(context, { scheduleId })[0];
  }
}

describe('work that is handed to a host', () => {
  it('is asked about after its moment once the host has confirmed it', async () => {
    const { armNow, shown, events } = setUp();
    await armNow();
    expect(shown()).toMatchObject({ status: 'armed', askAt: '2026-11-26T02:00:20.000Z', asks: 0 });
    expect(events()).toEqual(['schedule.armed']);
  });

  it('is unknown and asked about soon when the link was lost on the way: armed after all', async () => {
    const { arm, armNow, reach, contact, shown, events } = setUp();
    arm.mockRejectedValueOnce(lost());
    await expect(armNow()).rejects.toMatchObject({ code: 'ssh_connection_lost' });
    expect(shown()).toMatchObject({ status: 'arming', askAt: '2026-11-26T01:00:10.000Z' });
    reach('waiting');
    await contact();
    expect(shown()).toMatchObject({ status: 'armed', askAt: '2026-11-26T02:00:20.000Z', asks: 0 });
    expect(events()).toEqual(['schedule.armed']);
  });

  it('is told as not armed when it never arrived', async () => {
    const { arm, armNow, contact, shown, events } = setUp();
    arm.mockRejectedValueOnce(lost());
    await expect(armNow()).rejects.toThrow();
    await contact();
    expect(shown()).toBeUndefined();
    expect(events()).toEqual(['schedule.not_armed']);
  });

  it('is not taken for lost by a contact while it is on its way', async () => {
    const { arm, armNow, reach, contact, shown } = setUp();
    let arrive = () => undefined as void;
    arm.mockImplementationOnce(
      () =>
        new Promise((done) => {
          arrive = () => done({ bootId: 'boot' });
        }),
    );
    const arming = armNow();
    await vi.waitFor(() => expect(arm).toHaveBeenCalled());
    // Nothing is there yet.
    await contact();
    expect(shown()).toMatchObject({ status: 'arming', askAt: null });
    reach('waiting');
    arrive();
    await arming;
    expect(shown()).toMatchObject({ status: 'armed' });
  });

  it('is taken back at the next contact when the link was lost while it was taken back', async () => {
    const { armNow, revoke, takeBack, contact, shown, events } = setUp();
    await armNow();
    revoke.mockRejectedValueOnce(lost());
    await expect(takeBack()).rejects.toMatchObject({ code: 'ssh_connection_lost' });
    expect(shown()).toMatchObject({ status: 'revoking', askAt: '2026-11-26T01:00:10.000Z' });
    await contact();
    expect(shown()).toMatchObject({ status: 'revoked', askAt: null });
    expect(events()).toEqual(['schedule.armed', 'schedule.revoked']);
  });
});
