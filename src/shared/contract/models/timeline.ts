import { z } from 'zod';
import { actorTypes, errorSources, messageCategories, osFamilies, severities } from '../../domain/unions.ts';
import { id, isoDate } from './common.ts';

export const timelineEvent = z.object({
  id,
  machineId: id.nullable(),
  eventType: z.string(),
  severity: z.enum(severities),
  createdAt: isoDate,
  actorType: z.enum(actorTypes).nullable(),
  executionId: id.nullable(),
  snapshotId: id.nullable(),
  jobId: id.nullable(),
  message: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type TimelineEvent = z.output<typeof timelineEvent>;

/** What Homeport itself says in a message, as a code with values; the sentence is the reader's. */
export const messageNotice = z.object({
  code: z.enum(['support_ends_soon', 'support_lts_only', 'support_ended']),
  osFamily: z.enum(osFamilies),
  version: z.string(),
  codename: z.string(),
  /** `YYYY-MM-DD`: the day on which the support that `code` names ends or ended. */
  on: z.string(),
  /** The last day of the programme that follows; null: none. */
  until: z.string().nullable(),
});
export type MessageNotice = z.output<typeof messageNotice>;

export const importantMessage = z.object({
  id,
  machineId: id.nullable(),
  source: z.enum(errorSources),
  category: z.enum(messageCategories),
  severity: z.enum(severities),
  packageName: z.string().nullable(),
  message: z.string(),
  /** Absent: only the text is known. */
  notice: messageNotice.optional(),
  firstSeenAt: isoDate,
  lastSeenAt: isoDate,
  acknowledged: z.boolean(),
});

/** A message that a machine had while a run was at work on it; `key` is the same for one matter on every machine. */
export const messageOfRun = z.object({
  key: z.string(),
  category: z.enum(messageCategories),
  severity: z.enum(severities),
  text: z.string(),
  notice: messageNotice.optional(),
});
export type MessageOfRun = z.output<typeof messageOfRun>;

/** One matter on every machine that tells it. */
export const messageGroup = z.object({
  /** Names the group; for `messages.acknowledgeGroup`. */
  key: z.string(),
  source: z.enum(errorSources),
  category: z.enum(messageCategories),
  severity: z.enum(severities),
  /** As one of the machines told it: times and process ids in it are that machine's. */
  text: z.string(),
  /** Absent: only the text is known. */
  notice: messageNotice.optional(),
  packageName: z.string().nullable(),
  /** The repository or part that it is about. */
  component: z.string().nullable(),
  /** Machines that tell it; `messages.machines` names them. */
  count: z.number().int(),
  firstSeenAt: isoDate,
  lastSeenAt: isoDate,
  acknowledged: z.boolean(),
});
export type MessageGroup = z.output<typeof messageGroup>;
