import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq, getTableColumns, isNull, sql } from 'drizzle-orm';
import type { CoreContext } from '../context.ts';
import { reports, reportTexts } from '../db/schema/index.ts';
import { facetText, type Facets } from './facets.ts';
import { plainText } from './plain-text.ts';

type Ctx = Pick<CoreContext, 'database' | 'dataDir' | 'log'>;

/** Reports of one millisecond that can be told apart. */
const perMs = 1000;

/** The lowest id of a text of that time: ids grow with time, so the newest report has the highest. */
export const firstTextId = (createdAt: string): number => Date.parse(createdAt) * perMs;

interface Report extends Facets {
  readonly id: string;
  readonly title: string;
  readonly path: string;
  readonly createdAt: string;
}

/** Makes a report searchable; call it in the transaction that stores the report, whose file is there already. */
export function indexReport(context: Ctx, report: Report): void {
  const { db, raw } = context.database;
  const first = firstTextId(report.createdAt);
  const last = raw
    .prepare('select max(id) from report_texts where id between ? and ?')
    .pluck()
    .get(first, first + perMs - 1) as number | null;
  db.insert(reportTexts)
    .values({
      id: last === null ? first : last + 1,
      reportId: report.id,
      title: report.title,
      body: plainText(readMarkdown(context, report)),
      facets: facetText(report),
    })
    .run();
}

/** Tells the search what has changed of a report besides its text; within a transaction. */
export function indexFacets(context: Pick<CoreContext, 'database'>, id: string, facets: Facets): void {
  context.database.db
    .update(reportTexts)
    .set({ facets: facetText(facets) })
    .where(eq(reportTexts.reportId, id))
    .run();
}

/** The report's file; one that is gone leaves its title to be found, and says so in the log. */
function readMarkdown(context: Ctx, report: Report): string {
  try {
    return readFileSync(join(context.dataDir, report.path), 'utf8');
  } catch (error) {
    context.log.error('The file of a report could not be read for the search', {
      id: report.id,
      error: String(error),
    });
    return '';
  }
}

/** Fills the search anew from the files of all reports. Returns how many there are. Within a transaction. */
export function rebuildReportTexts(context: Ctx): number {
  const { db, raw } = context.database;
  // First the index as the table says: from a damaged one nothing can be taken out.
  const reindex = () => raw.exec("insert into report_search (report_search) values ('rebuild')");
  reindex();
  db.delete(reportTexts).run();
  const all = db.select().from(reports).all();
  for (const report of all) indexReport(context, report);
  reindex();
  return all.length;
}

/** Makes searchable what is not yet: reports written before there was a search. */
export function indexMissingReports(context: Ctx): void {
  const { database, log } = context;
  const { db } = database;
  const count = (table: typeof reports | typeof reportTexts): number =>
    db
      .select({ n: sql<number>`count(*)` })
      .from(table)
      .get()?.n ?? 0;
  if (count(reports) === count(reportTexts)) return;
  database.tx(() => {
    const missing = db
      .select(getTableColumns(reports))
      .from(reports)
      .leftJoin(reportTexts, eq(reportTexts.reportId, reports.id))
      .where(isNull(reportTexts.id))
      .all();
    for (const report of missing) indexReport(context, report);
    log.info('Reports were made searchable', { count: missing.length });
  });
}
