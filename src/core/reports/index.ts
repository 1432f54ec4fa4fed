import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { listReports, reportById } from './store.ts';

export { reportLanguage } from './language.ts';
export { code, plain, runReport, when, type ReportInput } from './markdown.ts';
export { insertReport } from './store.ts';
export type { ReportLanguage } from './words.ts';

export function reportHandlers(context: CoreContext): Pick<HomeportHandlers, 'reports.list' | 'reports.get'> {
  return {
    'reports.list': (input) => ({ reports: listReports(context, input) }),
    'reports.get': async ({ id }) => {
      const { path, ...report } = reportById(context, id);
      try {
        return { ...report, markdown: await readFile(join(context.dataDir, path), 'utf8') };
      } catch (error) {
        throw new AppError('not_found', 'The file of this report is gone', { id, path }, { cause: error });
      }
    },
  };
}
