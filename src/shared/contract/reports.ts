import { z } from 'zod';
import { reportKinds, reportOutcomes } from '../domain/unions.ts';
import { bytes, call, events } from './define.ts';
import { everywhere, people, byId } from './inputs.ts';
import { id, reportSummary } from './models.ts';

/** The reports' part of the contract. */

const instant = z.iso.datetime({ offset: false });

const reportFilter = z.object({
  machineId: id.optional(),
  kind: z.enum(reportKinds).optional(),
  outcome: z.enum(reportOutcomes).optional(),
  pinned: z.boolean().optional(),
  /** Written at or after. */
  from: instant.optional(),
  /** Written before. */
  to: instant.optional(),
  /** Words by their beginning, all of them; "in quotes" as it stands; accents make no difference. */
  text: z.string().max(200).optional(),
});
export type ReportFilter = z.output<typeof reportFilter>;

const parts = z.array(z.object({ text: z.string(), matches: z.boolean() }));
const reportMatch = z.object({ title: parts, text: parts });
/** Title and an excerpt of the text, in parts that say where a search matched. */
export type ReportMatch = z.output<typeof reportMatch>;

const reportListItem = reportSummary.extend({ match: reportMatch.nullable() });
export type ReportListItem = z.output<typeof reportListItem>;

export const exportFormats = ['markdown', 'json', 'html'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const reportProcedures = {
  'reports.list': call({
    summary: 'Reports, pinned ones first, then the newest; by words of their text and by filters',
    risk: 'read',
    surfaces: everywhere,
    input: reportFilter.extend({
      /** `next` of the page before. */
      cursor: z.string().max(200).optional(),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.object({
      reports: z.array(reportListItem),
      next: z.string().nullable(),
      /** Of all pages; null on pages after the first. */
      total: z.number().int().nullable(),
      /** There are more than `total`: it was not counted further. */
      totalIsLeast: z.boolean(),
    }),
  }),
  'reports.watch': events({
    summary: 'Ids of reports that are new, or were pinned or unpinned; first an empty list',
    risk: 'read',
    surfaces: people,
    input: z.object({}),
    output: z.object({ reportIds: z.array(id) }),
  }),
  'reports.get': call({
    summary: 'One report as Markdown',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: reportSummary.extend({ markdown: z.string() }),
  }),
  'reports.pin': call({
    summary: 'Keep a report on top and out of every clean-up, with the log of its run; or no longer',
    risk: 'change',
    surfaces: people,
    input: byId.extend({ pinned: z.boolean() }),
    output: z.object({}),
  }),
  'reports.export': call({
    summary: 'One report as a file: Markdown, JSON with the result of its run, or a page that stands alone',
    risk: 'read',
    surfaces: everywhere,
    input: byId.extend({ format: z.enum(exportFormats) }),
    output: z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() }),
  }),
  'reports.pdf': bytes({
    summary: 'One report as PDF, where the application can print by itself',
    risk: 'read',
    surfaces: ['ui'],
    input: byId,
  }),
};
