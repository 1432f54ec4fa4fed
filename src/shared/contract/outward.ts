import { z } from 'zod';
import { notificationKinds, ntfyPriorities, outwardKinds, severities } from '../domain/unions.ts';
import { isAllowedAddress } from '../domain/outward-address.ts';
import { call, events } from './define.ts';
import { windows } from './inputs.ts';
import * as m from './models.ts';

const address = z
  .string()
  .trim()
  .max(2000)
  .refine(isAllowedAddress, 'https, or http on this computer; no password in it');
const email = z.email().max(320);
/** One line without control characters. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'one line');

export const webhookConfig = z.object({ kind: z.literal('webhook'), url: address });
export const ntfyConfig = z.object({
  kind: z.literal('ntfy'),
  /** Server and topic, such as `https://ntfy.sh/my-machines`. */
  url: address.refine((url) => (URL.parse(url)?.pathname.replace(/^\/|\/$/g, '') ?? '') !== '', 'a topic'),
  priority: z.enum(ntfyPriorities).default('default'),
});
export const emailConfig = z.object({
  kind: z.literal('email'),
  host: line(253).min(1),
  port: z.number().int().min(1).max(65535),
  /** `tls`: from the first byte (465) · `starttls`: required before anything is said (587) · `none`: this computer only. */
  security: z.enum(['tls', 'starttls', 'none']),
  /** Empty: no login. */
  username: line(320).default(''),
  from: email,
  to: z.array(email).min(1).max(20),
});
export const outwardConfig = z.discriminatedUnion('kind', [webhookConfig, ntfyConfig, emailConfig]);
export type OutwardConfig = z.output<typeof outwardConfig>;

export const outwardFilter = z.object({
  /** Of these kinds. */
  kinds: z.array(z.enum(notificationKinds)).max(notificationKinds.length),
  /** This severe or more. */
  severity: z.enum(severities).default('info'),
  /** Of machines with one of these tags; empty: of all, and of the fleet as a whole. */
  tagIds: z.array(m.id).max(50).default([]),
});
export type OutwardFilter = z.output<typeof outwardFilter>;

const name = line(80).min(1);

export const outwardChannel = z.object({
  id: m.id,
  kind: z.enum(outwardKinds),
  name: z.string(),
  enabled: z.boolean(),
  config: outwardConfig,
  filter: outwardFilter,
  hasSecret: z.boolean(),
  /** Messages that wait to be sent. */
  waiting: z.number().int(),
  /** They wait for the vault, which has this channel's secret. */
  waitsForVault: z.boolean(),
  /** When the next attempt is made, after one that failed. */
  nextAttemptAt: m.isoDate.nullable(),
  /** Messages given up since the last that was sent. */
  givenUp: z.number().int(),
  lastSentAt: m.isoDate.nullable(),
  lastFailedAt: m.isoDate.nullable(),
  lastError: m.failure.nullable(),
});
export type OutwardChannel = z.output<typeof outwardChannel>;

export const outwardProcedures = {
  'outward.watch': events({
    summary: 'Channels by which notifications leave this computer, with how they do, now and at each change',
    risk: 'read',
    surfaces: windows,
    input: z.object({}),
    output: z.object({ channels: z.array(outwardChannel) }),
  }),
  'outward.save': call({
    summary: 'Add a channel, or change one',
    risk: 'change',
    surfaces: windows,
    input: z.object({
      id: m.id.optional(),
      name,
      enabled: z.boolean(),
      config: outwardConfig,
      filter: outwardFilter,
      /** Left out keeps what is stored; null or an empty text removes it. */
      secret: z.string().max(4096).nullable().optional(),
    }),
    output: z.object({ id: m.id }),
  }),
  'outward.remove': call({
    summary: 'Remove a channel with what waits for it',
    risk: 'change',
    surfaces: windows,
    input: z.object({ id: m.id }),
    output: z.object({}),
  }),
  'outward.test': call({
    summary: 'Send one message through a channel now, and say what came of it',
    risk: 'change',
    surfaces: windows,
    input: z.object({ id: m.id }),
    output: z.object({ ok: z.boolean(), error: m.failure.nullable(), answer: z.string().nullable() }),
  }),
  'outward.retry': call({
    summary: 'Send what waits for a channel now',
    risk: 'change',
    surfaces: windows,
    input: z.object({ id: m.id }),
    output: z.object({}),
  }),
};
