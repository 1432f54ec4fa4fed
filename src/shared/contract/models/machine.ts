import { z } from 'zod';
import {
  aptProxyModes,
  authMethods,
  credentialStatuses,
  hostKeyStatuses,
  machineKinds,
  sudoModes,
} from '../../domain/unions.ts';
import { errorKind, id, isoDate } from './common.ts';
import { fleetRow } from './fleet.ts';

export const hostKey = z.object({
  id,
  machineId: id,
  hostname: z.string(),
  port: z.number().int(),
  keyType: z.string().nullable(),
  fingerprintSha256: z.string(),
  status: z.enum(hostKeyStatuses),
  firstSeenAt: isoDate,
  lastSeenAt: isoDate,
});
export type HostKey = z.output<typeof hostKey>;

export const credentialSummary = z.object({
  authMethod: z.enum(authMethods),
  sudoMode: z.enum(sudoModes),
  hasPassword: z.boolean(),
  hasSudoPassword: z.boolean(),
  hasPrivateKey: z.boolean(),
  hasKeyPassphrase: z.boolean(),
  status: z.enum(credentialStatuses),
  lastTestAt: isoDate.nullable(),
});

export const machineDetail = fleetRow.extend({
  jumpMachineId: id.nullable(),
  /** Machines of the fleet that are reached through this one. */
  jumpFor: z.array(z.object({ id, name: z.string() })),
  notes: z.string().nullable(),
  /** The kind that a person chose over what the host says, or null. */
  chosenKind: z.enum(machineKinds).nullable(),
  allowLegacyAlgorithms: z.boolean(),
  aptProxyMode: z.enum(aptProxyModes),
  aptProxyUrl: z.string().nullable(),
  credentials: credentialSummary.nullable(),
  hostKeys: z.array(hostKey),
});
export type MachineDetail = z.output<typeof machineDetail>;

const secret = z.string().max(65_536);

/** Secrets go in and never come out: absent = keep what is stored, null = clear. */
export const credentialsInput = z.object({
  authMethod: z.enum(authMethods),
  sudoMode: z.enum(sudoModes),
  password: secret.nullish(),
  sudoPassword: secret.nullish(),
  privateKey: secret.nullish(),
  keyPassphrase: secret.nullish(),
  /** A private key file on this computer, read by the core instead of being pasted. */
  privateKeyPath: z.string().max(4096).nullish(),
});
export type CredentialsInput = z.input<typeof credentialsInput>;

export const hostnameText = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[^\s/@\\'"`$;&|<>()]+$/, 'host name or address');

export const portNumber = z.number().int().min(1).max(65_535);

export const usernameText = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\s:@]+$/, 'user name');

/** `http://host:port` or `https://…`, without user and password: it is stored and written in the clear. */
export const aptProxyUrlText = z
  .string()
  .trim()
  .max(300)
  .regex(
    /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\/?$/,
    'http://host:port without user',
  );

/** One line of printable text. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    // eslint-disable-next-line no-control-regex -- that is what is refused
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'one line without control characters');
export const groupText = line(80).min(1);

export const notesText = z
  .string()
  .trim()
  .min(1)
  .max(4000)
  // eslint-disable-next-line no-control-regex -- that is what is refused
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'text without control characters');

export const tagName = line(40).min(1);

export const tagColor = z.string().regex(/^#[0-9a-f]{6}$/);

const machineFields = z.object({
  name: line(120).min(1),
  hostname: hostnameText,
  port: portNumber,
  username: usernameText,
  jumpMachineId: id.nullable(),
  allowLegacyAlgorithms: z.boolean(),
  aptProxyMode: z.enum(aptProxyModes),
  aptProxyUrl: aptProxyUrlText.nullable(),
  tagIds: z.array(id),
  group: groupText.nullable(),
  notes: notesText.nullable(),
  /** Null: what the host says. */
  chosenKind: z.enum(machineKinds).nullable(),
});

/** What is absent stays as it is: a default here would set it back. */
export const machinePatch = machineFields.partial();

export const machineInput = machineFields.extend({
  port: portNumber.default(22),
  jumpMachineId: id.nullable().default(null),
  allowLegacyAlgorithms: z.boolean().default(false),
  aptProxyMode: z.enum(aptProxyModes).default('direct'),
  aptProxyUrl: aptProxyUrlText.nullable().default(null),
  tagIds: z.array(id).default([]),
  group: groupText.nullable().default(null),
  notes: notesText.nullable().default(null),
  chosenKind: z.enum(machineKinds).nullable().default(null),
});
export type MachineInput = z.input<typeof machineInput>;

export const importCandidate = z.object({
  alias: z.string(),
  hostname: z.string(),
  port: z.number().int(),
  username: z.string().nullable(),
  identityFile: z.string().nullable(),
  /** Aliases of the jump hosts, nearest first; they are imported too. */
  proxyJump: z.array(z.string()),
  source: z.enum(['ssh_config', 'known_hosts', 'this_computer']),
  /** Fingerprints that known_hosts already trusts for this host. */
  knownHostKeys: z.array(z.object({ keyType: z.string(), fingerprintSha256: z.string() })),
  alreadyAdded: z.boolean(),
});
export type ImportCandidate = z.output<typeof importCandidate>;

export const diagnosisStep = z.object({
  step: z.enum(['resolve', 'connect', 'host_key', 'authenticate', 'shell', 'sudo']),
  status: z.enum(['ok', 'failed', 'skipped']),
  durationMs: z.number(),
  detail: z.string(),
  errorKind: errorKind.nullable(),
  /** Values that make the error's text exact. */
  errorData: z.record(z.string(), z.unknown()).optional(),
});
export type DiagnosisStepView = z.output<typeof diagnosisStep>;
