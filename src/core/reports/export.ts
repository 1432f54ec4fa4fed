import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import type { ExportFormat } from '../../shared/contract/reports.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { fileNameText } from '../../shared/domain/file-name.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { executions } from '../db/schema/index.ts';
import { reportHtml } from './html.ts';
import { reportLanguage } from './language.ts';
import { when } from './markdown.ts';
import { reportById, type StoredReport } from './store.ts';
import { words } from './words.ts';

export interface ExportedReport {
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: string;
}

const endings: Record<ExportFormat, string> = { markdown: 'md', json: 'json', html: 'html' };
const mediaTypes: Record<ExportFormat, string> = {
  markdown: 'text/markdown; charset=utf-8',
  json: 'application/json',
  html: 'text/html; charset=utf-8',
};

/** @throws AppError not_found when the report, or its file, is gone */
export async function readMarkdown(
  context: Pick<CoreContext, 'dataDir'>,
  { id, path }: StoredReport,
): Promise<string> {
  try {
    return await readFile(join(context.dataDir, path), 'utf8');
  } catch (error) {
    throw new AppError('not_found', 'The file of this report is gone', { id, path }, { cause: error });
  }
}

/**
 * A report as a file to keep. What goes out was redacted when it was written: the report's text, and in JSON the archived
 * result of its run (shared/domain/execution-result.ts).
 * @throws AppError not_found
 */
export async function exportReport(
  context: CoreContext,
  id: string,
  format: ExportFormat,
): Promise<ExportedReport> {
  const report = reportById(context, id);
  const markdown = await readMarkdown(context, report);
  return {
    // Two runs of one day have the same title: the time tells them apart.
    fileName: `${fileNameText(`${report.title}-${report.createdAt.slice(11, 19).replaceAll(':', '')}`)}.${endings[format]}`,
    mediaType: mediaTypes[format],
    content: await contentOf(context, report, markdown, format),
  };
}

async function contentOf(
  context: CoreContext,
  report: StoredReport,
  markdown: string,
  format: ExportFormat,
): Promise<string> {
  switch (format) {
    case 'markdown':
      return markdown;
    case 'json':
      return `${JSON.stringify(jsonOf(context, report, markdown), null, 2)}\n`;
    case 'html': {
      const language = reportLanguage(context);
      return reportHtml({
        title: report.title,
        language,
        markdown,
        footer: words[language].footer(when(report.createdAt)),
      });
    }
  }
}

/** `result` is the run's archived result; null for reports of no run. Paths and ids of this computer's files stay here. */
function jsonOf(context: CoreContext, report: StoredReport, markdown: string): unknown {
  const { path: _path, summaryJson, ...summary } = report;
  const run =
    report.executionId === null
      ? undefined
      : context.database.db
          .select({ resultJson: executions.resultJson })
          .from(executions)
          .where(eq(executions.id, report.executionId))
          .get();
  return {
    format: 'homeport-report',
    schemaVersion: 1,
    report: { ...summary, summary: fromJson<unknown>(summaryJson, null) },
    result: fromJson<unknown>(run?.resultJson ?? null, null),
    markdown,
  };
}
