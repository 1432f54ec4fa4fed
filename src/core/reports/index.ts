export { changesOf, type FleetChanges } from './fleet-changes.ts';
export { closingSections, secondsBetween } from './fleet-report.ts';
export { fleetReportWords } from './fleet-words.ts';
export { reportHandlers, type PrintPdf } from './handlers.ts';
export { reportLanguage } from './language.ts';
export { plain, runReport, when, type ReportInput } from './markdown.ts';
export { insertReport } from './store.ts';
export { indexMissingReports, rebuildReportTexts } from './texts.ts';
export type { ReportLanguage } from './words.ts';
