import { describe, expect, it } from 'vitest';
import { explain } from '../db/explain.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { eventHandlers, listEvents, recordEvent, type NewEvent } from './index.ts';

function setUp() {
  const context = testContext();
  const nas = insertMachine(context, 'nas');
  const record = (at: string, event: Partial<NewEvent> = {}) => {
    recordEvent(context, {
      machineId: nas,
      eventType: 'machine.changed',
      severity: 'info',
      actorType: 'user',
      message: at,
      at,
      ...event,
    });
  };
  const list = (filter: Partial<Parameters<typeof listEvents>[1]> = {}) =>
    listEvents(context, { withAudit: false, limit: 100, ...filter }).map(({ message }) => message);
  return { context, nas, record, list };
}

describe('the timeline', () => {
  it('is read page after page without a gap, also where many events have one moment', () => {
    const { context, record } = setUp();
    for (let day = 1; day <= 3; day++) {
      for (let nth = 0; nth < 5; nth++) record(`2026-03-0${day}T00:00:00.000Z`);
    }
    const all = listEvents(context, { withAudit: false, limit: 100 });
    expect(all).toHaveLength(15);
    const read: string[] = [];
    for (let last = all.at(-1); last !== undefined || read.length === 0;) {
      const page: typeof all = listEvents(context, {
        withAudit: false,
        limit: 4,
        ...(read.length > 0 && last && { before: last.createdAt, beforeId: last.id }),
      });
      read.push(...page.map(({ id }) => id));
      last = page.at(-1);
    }
    expect(read).toEqual(all.map(({ id }) => id));
  });

  it('filters by machine, kinds, severity, actor and date', () => {
    const { context, nas, record, list } = setUp();
    const web = insertMachine(context, 'web');
    record('2026-03-01T00:00:00.000Z');
    record('2026-03-02T00:00:00.000Z', { machineId: web, severity: 'error', eventType: 'job.failed' });
    record('2026-03-03T00:00:00.000Z', { actorType: 'system', eventType: 'run.finished' });
    record('2026-03-04T00:00:00.000Z', { eventType: 'secret_decrypted' });
    const days = (filter: Parameters<typeof list>[0]) => list(filter).map((at) => Number(at?.slice(8, 10)));
    expect(days({})).toEqual([3, 2, 1]);
    expect(days({ withAudit: true })).toEqual([4, 3, 2, 1]);
    expect(days({ machineId: nas })).toEqual([3, 1]);
    expect(days({ severity: 'error' })).toEqual([2]);
    expect(days({ actorType: 'system' })).toEqual([3]);
    expect(days({ eventTypes: ['run.finished'] })).toEqual([3]);
    expect(days({ eventTypes: ['run.finished', 'machine.changed'] })).toEqual([3, 1]);
    expect(days({ eventTypes: ['run.finished', 'machine.changed'], limit: 1 })).toEqual([3]);
    expect(days({ since: '2026-03-02T00:00:00.000Z', before: '2026-03-03T00:00:00.000Z' })).toEqual([2]);
    const types = eventHandlers(context)['timeline.types'];
    expect(types({}, { surface: 'ui', signal: new AbortController().signal })).toEqual({
      eventTypes: ['job.failed', 'machine.changed', 'run.finished'],
    });
  });

  it('tells what is recorded while it is watched, after its transaction, and only what was asked for', async () => {
    const { context, nas, record } = setUp();
    const ends = new AbortController();
    const stream = eventHandlers(context)
      ['timeline.watch']({ machineId: nas, withAudit: false }, { surface: 'ui', signal: ends.signal })
      [Symbol.asyncIterator]();
    const next = async () => {
      const { value } = (await stream.next()) as { value: { events: { message: string | null }[] } };
      return value.events.map(({ message }) => message);
    };
    expect(await next()).toEqual([]);
    expect(() =>
      context.database.tx(() => {
        record('2026-03-02T00:00:00.000Z');
        throw new Error('undone');
      }),
    ).toThrow('undone');
    record('2026-03-03T00:00:00.000Z', { machineId: null });
    context.database.tx(() => record('2026-03-04T00:00:00.000Z'));
    expect(await next()).toEqual(['2026-03-04T00:00:00.000Z']);
    ends.abort();
    expect((await stream.next()).done).toBe(true);
  });

  it.each([
    [{}, 'machine_events_created_at'],
    [{ machineId: 'm' }, 'machine_events_machine_id_created_at'],
    [{ eventTypes: ['run.finished'] }, 'machine_events_event_type_created_at'],
    [{ severity: 'error' as const }, 'machine_events_severity_created_at'],
  ])('reads a page of %o from an index', (filter, index) => {
    const { context } = setUp();
    const { raw } = context.database;
    const prepare = raw.prepare.bind(raw);
    let sql = '';
    raw.prepare = (text: string) => prepare((sql = text));
    listEvents(context, { withAudit: false, limit: 10, before: '2026', beforeId: 'x', ...filter });
    raw.prepare = prepare;
    const plan = explain(raw, sql, Array(sql.split('?').length - 1).fill(null)).join('\n');
    expect(plan).toContain(`SEARCH machine_events USING INDEX ${index} (`);
    expect(plan).toContain('created_at<?');
    expect(plan).not.toContain('USE TEMP B-TREE FOR ORDER BY');
  });
});
