import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import { exportReport, readMarkdown } from './export.ts';
import { listReports } from './list.ts';
import { reportById, setPinned } from './store.ts';

/** Prints an HTML page that stands alone as PDF; a host that cannot leaves it out. */
export type PrintPdf = (html: string) => Promise<Uint8Array>;

type Name = `reports.${'list' | 'watch' | 'get' | 'pin' | 'export' | 'pdf'}`;

const chunkBytes = 64 * 1024;
/** Joins the news of a burst of runs that end together. */
const watchGapMs = 200;

export function reportHandlers(
  context: CoreContext,
  host: { printPdf?: PrintPdf | undefined } = {},
): Pick<HomeportHandlers, Name> {
  return {
    'reports.list': (input) => listReports(context, input),
    'reports.watch': async function* (_input, { signal }) {
      const news = changedIds(context.bus, 'report.changed', (n) => [n.reportId], signal, watchGapMs);
      for await (const ids of news) yield { reportIds: [...ids] };
    },
    'reports.get': async ({ id }) => {
      const report = reportById(context, id);
      return { ...report, markdown: await readMarkdown(context, report) };
    },
    'reports.pin': ({ id, pinned }) => {
      setPinned(context, id, pinned);
      context.bus.publish('report.changed', { reportId: id });
      return {};
    },
    'reports.export': ({ id, format }) => exportReport(context, id, format),
    'reports.pdf': async function* ({ id }) {
      if (!host.printPdf) {
        throw new AppError('not_allowed', 'This host prints by the browser', { procedure: 'reports.pdf' });
      }
      const { content } = await exportReport(context, id, 'html');
      const pdf = await host.printPdf(content);
      for (let at = 0; at < pdf.byteLength; at += chunkBytes) yield pdf.subarray(at, at + chunkBytes);
    },
  };
}
