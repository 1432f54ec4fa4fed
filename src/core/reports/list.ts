import type { ReportFilter, ReportListItem, ReportMatch } from '../../shared/contract/reports.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { facetedExpression } from './facets.ts';
import { searchExpression } from './search-words.ts';
import { firstTextId } from './texts.ts';

type Ctx = Pick<CoreContext, 'database'>;

/** Where a page ended: pinned reports come first, then the newest. */
interface Position {
  readonly pinned: boolean;
  readonly createdAt: string;
  readonly id: string;
}

export interface ReportPage {
  readonly reports: ReportListItem[];
  /** For the page after this one; null at the end. */
  readonly next: string | null;
  /** How many there are in all, counted up to `countedUpTo`; null on pages after the first. */
  readonly total: number | null;
  readonly totalIsLeast: boolean;
}

/** Nobody reads more pages than that: to count on would cost more than to answer. */
const countedUpTo = 10_000;

const columns = `
  reports.id, reports.machine_id as machineId, machines.name as machineName, reports.execution_id as executionId,
  reports.kind, reports.title, reports.created_at as createdAt, reports.pinned, reports.outcome`;
// Marks that no text holds: control characters are taken out of what is searched.
const open = '\u0002';
const close = '\u0003';
const excerpts = `
  highlight(report_search, 0, char(2), char(3)) as titleMarks,
  snippet(report_search, 1, char(2), char(3), '…', 24) as textMarks`;

interface Row extends Omit<ReportListItem, 'pinned' | 'match'> {
  readonly pinned: 0 | 1;
  readonly titleMarks?: string;
  readonly textMarks?: string;
}

/** A query in parts; `params` are those of the conditions, in their order. */
interface Query {
  readonly isSearch: boolean;
  readonly where: string[];
  readonly params: (string | number)[];
}

/** Reports, pinned ones first, then the newest; with `text` those in which all of its words occur, with excerpts. */
export function listReports(
  context: Ctx,
  input: ReportFilter & { cursor?: string | undefined; limit: number },
): ReportPage {
  const expression = searchExpression(input.text ?? '');
  const after = input.cursor === undefined ? null : readCursor(input.cursor);
  const rows: Row[] = [];
  for (const pinned of [true, false]) {
    const isPassed = pinned && after !== null && !after.pinned;
    const isExcluded = input.pinned !== undefined && input.pinned !== pinned;
    if (isPassed || isExcluded || rows.length > input.limit) continue;
    const start = after !== null && after.pinned === pinned ? after : null;
    const query = queryOf(context, { ...input, pinned }, expression, start);
    // One more than asked for says whether there is another page.
    rows.push(...readRows(context, query, input.limit + 1 - rows.length));
  }
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const total = after === null ? countAll(context, input, expression) : null;
  return {
    reports: shown.map(toItem),
    next: last && rows.length > shown.length ? cursorOf(last) : null,
    total: total === null ? null : Math.min(total, countedUpTo),
    totalIsLeast: total !== null && total > countedUpTo,
  };
}

const whereOf = ({ where }: Query): string => (where.length > 0 ? `where ${where.join(' and ')}` : '');

// SQLite keeps to the order of tables of a CROSS JOIN: the index of words first, and only until the page is full.
const searched = `
  report_search cross join report_texts on report_texts.id = report_search.rowid
  cross join reports on reports.id = report_texts.report_id`;

function readRows(context: Ctx, query: Query, limit: number): Row[] {
  const { isSearch, params } = query;
  return context.database.raw
    .prepare(
      `select ${columns}${isSearch ? `,${excerpts}` : ''} from ${isSearch ? searched : 'reports'}
       left join machines on machines.id = reports.machine_id ${whereOf(query)}
       order by ${isSearch ? 'report_search.rowid desc' : 'reports.created_at desc, reports.id desc'} limit ?`,
    )
    .all(...params, limit) as Row[];
}

/** Pinned and others together, up to one more than is counted. */
function countAll(context: Ctx, filter: ReportFilter, expression: string | null): number {
  const query = queryOf(context, filter, expression, null);
  const table = query.isSearch ? 'report_search' : 'reports';
  return context.database.raw
    .prepare(`select count(*) from (select 1 from ${table} ${whereOf(query)} limit ?)`)
    .pluck()
    .get(...query.params, countedUpTo + 1) as number;
}

/** Without words the reports are read from an index that has their order; with words, the index of words has it. */
function queryOf(
  context: Ctx,
  filter: ReportFilter,
  expression: string | null,
  after: Position | null,
): Query {
  const where: string[] = [];
  const params: (string | number)[] = [];
  const add = (condition: string, ...values: (string | number)[]): void => {
    where.push(condition);
    params.push(...values);
  };
  const { from, to, pinned, machineId, kind, outcome } = filter;
  if (expression !== null) {
    add('report_search match ?', facetedExpression(expression, filter));
    if (after) add('report_search.rowid < ?', textIdOf(context, after));
    if (from !== undefined) add('report_search.rowid >= ?', firstTextId(from));
    if (to !== undefined) add('report_search.rowid < ?', firstTextId(to));
    return { isSearch: true, where, params };
  }
  if (after) add('(reports.created_at, reports.id) < (?, ?)', after.createdAt, after.id);
  if (from !== undefined) add('reports.created_at >= ?', stored(from));
  if (to !== undefined) add('reports.created_at < ?', stored(to));
  if (pinned !== undefined) add('reports.pinned = ?', Number(pinned));
  if (machineId !== undefined) add('reports.machine_id = ?', machineId);
  if (kind !== undefined) add('reports.kind = ?', kind);
  if (outcome !== undefined) add('reports.outcome = ?', outcome);
  return { isSearch: false, where, params };
}

/** Where a position lies in the index of words; that of its time when the report is gone meanwhile. */
function textIdOf(context: Ctx, at: Position): number {
  const id = context.database.raw
    .prepare('select id from report_texts where report_id = ?')
    .pluck()
    .get(at.id) as number | undefined;
  return id ?? firstTextId(at.createdAt);
}

const cursorOf = (row: Row): string => [row.pinned, row.createdAt, row.id].join('|');

function readCursor(cursor: string): Position {
  const [, pinned, createdAt = '', id = ''] = /^([01])\|([^|]+)\|([^|]+)$/.exec(cursor) ?? [];
  if (Number.isNaN(Date.parse(createdAt)))
    throw new AppError('invalid_input', 'This is no place in the list of reports', { cursor });
  return { pinned: pinned === '1', createdAt, id };
}

/** A time as the rows have it, so that texts compare as times do. */
const stored = (iso: string): string => new Date(iso).toISOString();

function toItem({ titleMarks, textMarks, pinned, ...row }: Row): ReportListItem {
  return {
    ...row,
    pinned: pinned === 1,
    match:
      titleMarks === undefined || textMarks === undefined
        ? null
        : { title: toParts(titleMarks), text: toParts(textMarks.replaceAll('\n', ' ')) },
  };
}

/** Text with marks as parts that say whether they match. */
function toParts(marked: string): ReportMatch['text'] {
  return marked
    .split(open)
    .flatMap((piece, at) => {
      if (at === 0) return [{ text: piece, matches: false }];
      const [hit = '', rest = ''] = piece.split(close);
      return [
        { text: hit, matches: true },
        { text: rest, matches: false },
      ];
    })
    .filter(({ text }) => text !== '');
}
