import { describe, expect, it } from 'vitest';
import { listEvents } from '../events/index.ts';
import { insertExecution } from '../executions/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { newId } from '../db/ids.ts';
import { historyMark, recordForeignRuns } from './record.ts';

const now = new Date('2026-07-10T12:00:00.000Z');

function output(log: string, { mark = '7:900', now: clock = now.getTime() / 1000, locks = '' } = {}): string {
  return [
    '@@n locks',
    locks,
    '@@n history-place',
    `mark ${mark}`,
    'from 7:0',
    `now ${clock}`,
    'offset +0000',
    '@@n history-log',
    log,
    '@@n history-times',
    '@@n end',
    '',
  ].join('\n');
}
const stanza = (start: string, command: string, by?: string) =>
  [
    `Start-Date: ${start}`,
    `Commandline: ${command}`,
    ...(by ? [`Requested-By: ${by} (1000)`] : []),
    'Upgrade: tb-lib:amd64 (1.0, 1.1), tb-app:amd64 (1.0, 2.0)',
    `End-Date: ${start}`,
    '',
    '',
  ].join('\n');

function setUp() {
  const context = { ...testContext(), now: () => now };
  const machineId = insertMachine(context, 'a');
  const record = (text: string) => recordForeignRuns(context, machineId, text, 'n');
  const events = () => listEvents(context, { machineId, limit: 100, withAudit: false });
  return { context, machineId, record, events };
}

describe('history made by others', () => {
  it('becomes one event a run, at its own time, however often it is read', () => {
    const { context, machineId, record, events } = setUp();
    const first = stanza('2026-07-01  10:00:00', 'apt upgrade', 'ops');
    const second = stanza('2026-07-02  06:00:00', '/usr/bin/unattended-upgrade');
    expect(record(output(first))).toBe(1);
    // The log was rotated: everything is shown again.
    expect(record(output(first + second, { mark: '8:10' }))).toBe(1);
    expect(record(output(first + second, { mark: '8:10' }))).toBe(0);
    expect(historyMark(context, machineId)).toBe('8:10');
    expect(events()).toMatchObject([
      {
        eventType: 'apt.changed_by_others',
        createdAt: '2026-07-02T06:00:00.000Z',
        data: { who: 'unattended_upgrades', upgraded: 2, finished: true },
      },
      {
        createdAt: '2026-07-01T10:00:00.000Z',
        data: { who: 'user', user: 'ops', packages: [{ name: 'tb-lib', toVersion: '1.1' }, {}] },
      },
    ]);
  });

  it('tells the minimal steps of one unattended upgrade as one event', () => {
    const { record, events } = setUp();
    const tool = '/usr/bin/unattended-upgrade';
    const go =
      stanza('2026-07-02  06:00:00', tool) +
      stanza('2026-07-02  06:00:30', tool) +
      stanza('2026-07-02  06:04:00', tool);
    const byHand =
      stanza('2026-07-02  06:04:20', 'apt upgrade', 'ops') +
      stanza('2026-07-02  06:04:40', 'apt upgrade', 'ops');
    const later = stanza('2026-07-03  06:00:00', tool);
    expect(record(output(go + byHand + later))).toBe(4);
    expect(
      events().map(({ createdAt, data }) => [createdAt, data['who'], data['upgraded'], data['steps']]),
    ).toEqual([
      ['2026-07-03T06:00:00.000Z', 'unattended_upgrades', 2, 1],
      ['2026-07-02T06:04:40.000Z', 'user', 2, 1],
      ['2026-07-02T06:04:20.000Z', 'user', 2, 1],
      ['2026-07-02T06:00:00.000Z', 'unattended_upgrades', 6, 3],
    ]);
    expect(record(output(go + byHand + later))).toBe(0);
  });

  it('does not join a step to one that never ended, and keeps its error', () => {
    const { record, events } = setUp();
    const tool = '/usr/bin/unattended-upgrade';
    const killed = stanza('2026-07-02  06:00:00', tool).replace(/End-Date: .*\n/, '');
    const failed = stanza('2026-07-02  06:01:00', tool).replace('End-Date', 'Error: dpkg says no\nEnd-Date');
    record(output(killed + failed + stanza('2026-07-02  06:01:10', tool)));
    expect(events()).toMatchObject([
      { severity: 'warning', data: { error: 'dpkg says no', steps: 2, finished: true } },
      { severity: 'warning', data: { error: null, steps: 1, finished: false } },
    ]);
  });

  it('leaves out our own runs, and tells those of another installation', () => {
    const { context, machineId, record, events } = setUp();
    const executionId = newId();
    insertExecution(context, {
      id: executionId,
      machineId,
      action: 'apt_full_upgrade',
      mode: 'manual',
      startedAt: now.toISOString(),
      status: 'ok',
    });
    const marked = (id: string) => `apt-get -y -o Homeport::Run=${id.replaceAll('-', '')} dist-upgrade`;
    record(
      output(
        stanza('2026-07-01  10:00:00', marked(executionId)) + stanza('2026-07-01  11:00:00', marked(newId())),
      ),
    );
    expect(events()).toMatchObject([{ createdAt: '2026-07-01T11:00:00.000Z', data: { who: 'homeport' } }]);
  });

  it('takes out what the clock of the machine is wrong, and never tells the future', () => {
    const { record, events } = setUp();
    const dayAhead = now.getTime() / 1000 + 86_400;
    record(output(stanza('2026-07-11  11:00:00', 'apt upgrade'), { now: dayAhead }));
    record(output(stanza('2026-08-01  11:00:00', 'apt upgrade')));
    expect(events().map(({ createdAt }) => createdAt)).toEqual([
      '2026-07-10T12:00:00.000Z',
      '2026-07-10T11:00:00.000Z',
    ]);
  });

  it('tells once what it cannot read', () => {
    const { record, events } = setUp();
    record(output('Start-Date: nonsense\nInstall: ?'));
    record(output('Start-Date: nonsense\nInstall: ?'));
    expect(events()).toMatchObject([{ eventType: 'apt.history_unreadable', severity: 'warning' }]);
  });

  it('does nothing with an output that is cut off', () => {
    const { record, events } = setUp();
    expect(record(output(stanza('2026-07-01  10:00:00', 'apt upgrade')).replace('@@n end', ''))).toBe(0);
    expect(events()).toEqual([]);
  });
});
