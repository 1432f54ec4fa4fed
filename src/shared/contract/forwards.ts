import { z } from 'zod';
import { errorKinds } from '../domain/errors.ts';
import { forwardKinds } from '../domain/unions.ts';
import { call, events } from './define.ts';
import { windows, none, byId } from './inputs.ts';

const port = z.number().int().min(1).max(65535);
/** A name or an address; no spaces, nothing that a log could be deceived with. */
const host = z.string().regex(/^[A-Za-z0-9_.:%-]{1,253}$/);

export const forwardInput = z.object({
  machineId: z.uuid(),
  kind: z.enum(forwardKinds),
  bindAddress: host.default('127.0.0.1'),
  bindPort: port,
  targetHost: host,
  targetPort: port,
  label: z.string().trim().max(80).default(''),
  startsWithApp: z.boolean().default(false),
  /** Must be said for any address that others can reach. */
  isExposed: z.boolean().default(false),
});

/** Addresses that nobody but the computer itself reaches. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);

export const forwardStates = ['stopped', 'starting', 'running', 'reconnecting', 'failed'] as const;
export type ForwardState = (typeof forwardStates)[number];
const failure = z.object({
  kind: z.enum(errorKinds),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});

export const portForward = z.object({
  id: z.uuid(),
  machineId: z.uuid(),
  machineName: z.string(),
  kind: z.enum(forwardKinds),
  bindAddress: z.string(),
  bindPort: z.number().int(),
  targetHost: z.string(),
  targetPort: z.number().int(),
  label: z.string(),
  startsWithApp: z.boolean(),
  state: z.enum(forwardStates),
  /** Why it failed or reconnects; while it runs, what the last connection that failed met. */
  error: failure.nullable(),
  openConnections: z.number().int(),
  allConnections: z.number().int(),
  /** Towards the target, and back. */
  bytesOut: z.number(),
  bytesBack: z.number(),
  /** Since when it is in this state. */
  since: z.string().nullable(),
});
export type PortForward = z.output<typeof portForward>;

export const forwardProcedures = {
  'forwards.watch': events({
    summary: 'Forwards of every machine with their state: now and while they change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: z.array(portForward),
  }),
  'forwards.save': call({
    summary: 'Add a forward, or change one; one that runs is started anew',
    risk: 'change',
    surfaces: windows,
    input: forwardInput.extend({ id: z.uuid().optional() }),
    output: byId,
  }),
  'forwards.remove': call({
    summary: 'Stop and forget a forward',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: none,
  }),
  'forwards.start': call({
    summary: 'Start a forward; it goes on by itself after the link was lost',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: none,
  }),
  'forwards.stop': call({
    summary: 'Stop a forward and end its connections',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: none,
  }),
};
