import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CallContext } from '../../shared/contract/define.ts';
import type { ReportFilter } from '../../shared/contract/reports.ts';
import { rebuildDerived } from '../maintenance/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { reportHandlers } from './handlers.ts';
import { listReports } from './list.ts';
import { insertReport } from './store.ts';
import { indexMissingReports } from './texts.ts';

const caller: CallContext = { surface: 'ui', signal: new AbortController().signal };

function setUp() {
  let nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  const context = { ...testContext(), now: () => new Date(nowMs) };
  mkdirSync(join(context.dataDir, 'reports'));
  let count = 0;
  const add = (
    title: string,
    markdown: string,
    more: { machineId?: string | null; status?: string; at?: string; executionId?: string } = {},
  ): string => {
    nowMs = more.at ? Date.parse(more.at) : nowMs + 60_000;
    const path = `reports/${(count += 1)}.md`;
    writeFileSync(join(context.dataDir, path), markdown);
    return insertReport(context, {
      machineId: more.machineId ?? null,
      executionId: more.executionId ?? null,
      kind: more.machineId ? 'machine' : 'global',
      title,
      path,
      summary: { status: more.status ?? 'ok' },
    });
  };
  const handlers = reportHandlers(context);
  const titles = (filter: ReportFilter, limit = 100): string[] =>
    listReports(context, { ...filter, limit }).reports.map((one) => one.title);
  const pin = (id: string, pinned = true) => handlers['reports.pin']({ id, pinned }, caller);
  return { context, add, handlers, titles, pin };
}

describe('the list of reports', () => {
  it('has pinned ones on top, then the newest, page by page without losing or repeating one', async () => {
    const { context, add, pin } = setUp();
    const ids = Array.from({ length: 25 }, (_, i) => add(`report ${i}`, `body word${i}`));
    for (const at of [3, 7, 11]) await pin(ids[at]!);
    const expected = [11, 7, 3, ...[...ids.keys()].reverse().filter((at) => ![3, 7, 11].includes(at))];
    for (const text of [undefined, 'body']) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = listReports(context, { text, cursor, limit: 2 });
        expect(page.total).toBe(cursor === undefined ? 25 : null);
        seen.push(...page.reports.map((one) => one.id));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(expected.map((at) => ids[at]));
    }
  });

  it('tells reports of the same moment apart', () => {
    const { context, add } = setUp();
    const at = '2026-02-02T00:00:00.000Z';
    const ids = [add('one', 'x', { at }), add('two', 'x', { at }), add('three', 'x', { at })];
    for (const text of [undefined, 'x']) {
      const first = listReports(context, { text, limit: 1 });
      const second = listReports(context, { text, limit: 5, cursor: first.next! });
      expect([...first.reports, ...second.reports].map((one) => one.id).sort()).toEqual(ids.sort());
      expect(second.next).toBeNull();
    }
  });

  it('finds words by their beginning, phrases, and words without their accents', () => {
    const { add, titles } = setUp();
    add('Réparation : nas', '| `linux-image-6.1` | 6.1 |\n');
    add('Upgrade: pi', '- `libssl3t64`');
    expect(titles({ text: 'libss' })).toEqual(['Upgrade: pi']);
    expect(titles({ text: 'reparation' })).toEqual(['Réparation : nas']);
    expect(titles({ text: '"linux image"' })).toEqual(['Réparation : nas']);
    expect(titles({ text: 'nas libssl' })).toEqual([]);
    expect(titles({ text: '"' })).toEqual(['Upgrade: pi', 'Réparation : nas']);
  });

  it('shows where the words are, as text and never as markup', () => {
    const { context, add } = setUp();
    add('Upgrade: <b>nas</b>', `${'filler '.repeat(100)}the libssl3t64 <script> package`);
    const [report] = listReports(context, { text: 'libssl upgr', limit: 1 }).reports;
    expect(report?.match?.title).toEqual([
      { text: 'Upgrade', matches: true },
      { text: ': <b>nas</b>', matches: false },
    ]);
    expect(report?.match?.text).toContainEqual({ text: 'libssl3t64', matches: true });
    expect(report?.match?.text.map(({ text }) => text).join('')).toContain('<script>');
    expect(report?.match?.text.map(({ text }) => text).join('').length).toBeLessThan(300);
  });

  it('filters by machine, kind, outcome, date and pin, with and without words', async () => {
    const { context, add, titles, pin } = setUp();
    const nas = insertMachine(context, 'nas');
    const kept = add('old', 'word', { machineId: nas, status: 'error', at: '2026-03-01T10:00:00.000Z' });
    add('middle', 'word', { machineId: nas, status: 'ok', at: '2026-03-02T10:00:00.000Z' });
    add('fleet', 'word', { status: 'stopped', at: '2026-03-03T10:00:00.000Z' });
    await pin(kept);
    for (const text of [undefined, 'word']) {
      expect(titles({ text, machineId: nas })).toEqual(['old', 'middle']);
      expect(titles({ text, kind: 'global' })).toEqual(['fleet']);
      expect(titles({ text, outcome: 'error' })).toEqual(['old']);
      expect(titles({ text, outcome: 'stopped' })).toEqual(['fleet']);
      expect(titles({ text, pinned: true })).toEqual(['old']);
      expect(titles({ text, pinned: false })).toEqual(['fleet', 'middle']);
      const day = { from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z' };
      expect(titles({ text, ...day })).toEqual(['middle']);
      expect(titles({ text, from: '2026-03-02T10:00:00Z' })).toEqual(['fleet', 'middle']);
      expect(listReports(context, { text, outcome: 'error', limit: 5 }).total).toBe(1);
    }
  });

  it('refuses a cursor that it did not make', () => {
    const { context } = setUp();
    expect(() => listReports(context, { cursor: 'nonsense', limit: 1 })).toThrow(/place in the list/);
  });
});

describe('the index of words', () => {
  it('forgets a report that is removed, and finds a renamed one by its new name', () => {
    const { context, add, titles } = setUp();
    add('gone', 'alpha');
    context.database.raw.exec('delete from reports');
    expect(titles({ text: 'alpha' })).toEqual([]);
  });

  it('is rebuilt from the files, also after it was damaged', () => {
    const { context, add, titles } = setUp();
    add('one', 'alpha');
    add('two', 'beta');
    const { raw } = context.database;
    raw.exec("insert into report_search (report_search) values ('delete-all')");
    expect(titles({ text: 'alpha' })).toEqual([]);
    expect(rebuildDerived(context)['report_texts']).toBe(2);
    expect(titles({ text: 'alpha' })).toEqual(['one']);
    expect(titles({ text: 'beta' })).toEqual(['two']);
    raw.exec("insert into report_search (report_search, rank) values ('integrity-check', 1)");
  });

  it('takes in reports that are older than it', () => {
    const { context, add, titles } = setUp();
    add('first', 'alpha');
    add('second', 'alpha');
    context.database.raw.exec("delete from report_texts where title = 'first'");
    expect(titles({ text: 'alpha' })).toEqual(['second']);
    indexMissingReports(context);
    expect(titles({ text: 'alpha' })).toEqual(['second', 'first']);
    expect(context.logged).toEqual([]);
  });

  it('knows the title of a report whose file is gone, and says so', () => {
    const { context, titles } = setUp();
    insertReport(context, {
      machineId: null,
      executionId: null,
      kind: 'global',
      title: 'Lost and found',
      path: 'reports/none.md',
      summary: null,
    });
    expect(titles({ text: 'lost' })).toEqual(['Lost and found']);
    expect(context.logged).toEqual(['The file of a report could not be read for the search']);
  });
});

describe('pinning', () => {
  it('keeps a report from every removal until it is unpinned', async () => {
    const { context, add, pin } = setUp();
    const id = add('kept', 'x');
    add('other', 'x');
    await pin(id);
    expect(() => context.database.raw.exec('delete from reports')).toThrow(/pinned/);
    context.database.raw.exec('delete from reports where pinned = 0');
    await pin(id, false);
    expect(context.database.raw.prepare('delete from reports').run().changes).toBe(1);
  });

  it('keeps the log of the run too', async () => {
    const { context, add, pin } = setUp();
    const machineId = insertMachine(context, 'nas');
    context.database.raw.exec(`
      insert into raw_artifacts (id, machine_id, kind, path, created_at) values ('log', null, 'raw_log', 'p', 't');
      insert into executions (id, machine_id, action, mode, started_at, status, raw_artifact_id)
        values ('run', '${machineId}', 'apt_upgrade', 'manual', 't', 'ok', 'log');
    `);
    const id = add('kept', 'x', { machineId, executionId: 'run' });
    const logPinned = () => context.database.raw.prepare('select pinned from raw_artifacts').pluck().get();
    await pin(id);
    expect(logPinned()).toBe(1);
    await pin(id, false);
    expect(logPinned()).toBe(0);
  });

  it('and every new report are told to who watches', async () => {
    const { context, add, pin } = setUp();
    const stop = new AbortController();
    const watch = reportHandlers(context)
      ['reports.watch']({}, { ...caller, signal: stop.signal })
      [Symbol.asyncIterator]();
    expect((await watch.next()).value).toEqual({ reportIds: [] });
    const id = add('new', 'x');
    expect((await watch.next()).value).toEqual({ reportIds: [id] });
    await pin(id);
    expect((await watch.next()).value).toEqual({ reportIds: [id] });
    stop.abort();
    expect((await watch.next()).done).toBe(true);
  });
});

describe('export', () => {
  it('names files by report and time, with their media type', async () => {
    const { add, handlers } = setUp();
    const id = add('Upgrade: nas/../x, 2026-05-01', '# Upgrade\n', { at: '2026-05-01T12:34:56.000Z' });
    const file = (format: 'markdown' | 'json' | 'html') => handlers['reports.export']({ id, format }, caller);
    expect(await file('markdown')).toEqual({
      fileName: 'Upgrade-nas-..-x-2026-05-01-123456.md',
      mediaType: 'text/markdown; charset=utf-8',
      content: '# Upgrade\n',
    });
    const html = await file('html');
    expect(html).toMatchObject({ mediaType: 'text/html; charset=utf-8' });
    expect(html.fileName).toMatch(/\.html$/);
    expect(html.content).toContain('<h1>Upgrade</h1>');
    const json = await file('json');
    expect(json.mediaType).toBe('application/json');
    expect(JSON.parse(json.content)).toMatchObject({
      format: 'homeport-report',
      report: { id, outcome: 'ok', summary: { status: 'ok' } },
      result: null,
      markdown: '# Upgrade\n',
    });
    expect(json.content).not.toContain('reports/1.md');
  });

  it('has the archived result of the run in JSON', async () => {
    const { context, add, handlers } = setUp();
    const machineId = insertMachine(context, 'nas');
    context.database.raw.exec(`
      insert into executions (id, machine_id, action, mode, started_at, status, result_json)
        values ('run', '${machineId}', 'apt_upgrade', 'manual', 't', 'ok', '{"schemaVersion":1,"apt":{"verdict":"exact"}}');
    `);
    const id = add('Upgrade', 'x', { machineId, executionId: 'run' });
    const { content } = await handlers['reports.export']({ id, format: 'json' }, caller);
    expect(JSON.parse(content)).toMatchObject({ result: { apt: { verdict: 'exact' } } });
  });

  it('prints PDF by its host, and says so where the host cannot', async () => {
    const { context, add, handlers } = setUp();
    const id = add('Upgrade', '# Upgrade\n');
    const read = async (of: typeof handlers): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of of['reports.pdf']({ id }, caller, empty())) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    await expect(read(handlers)).rejects.toMatchObject({ code: 'not_allowed' });
    const big = Buffer.alloc(200_000, 'p');
    const printed: string[] = [];
    const printing = reportHandlers(context, {
      printPdf: (html) => {
        printed.push(html);
        return Promise.resolve(big);
      },
    });
    expect((await read(printing)).equals(big)).toBe(true);
    expect(printed[0]).toContain('<h1>Upgrade</h1>');
  });
});

async function* empty(): AsyncGenerator<Uint8Array> {}
