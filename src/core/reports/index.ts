export { reportHandlers, type PrintPdf } from './handlers.ts';
export { reportLanguage } from './language.ts';
export { code, plain, runReport, when, type ReportInput } from './markdown.ts';
export { insertReport } from './store.ts';
export { indexMissingReports, rebuildReportTexts } from './texts.ts';
export type { ReportLanguage } from './words.ts';
