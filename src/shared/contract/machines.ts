import { z } from 'zod';
import { aptProxyModes, authMethods, machineKinds, sudoModes } from '../domain/unions.ts';
import { call, events, type ContractShape } from './define.ts';
import { windows, byId } from './inputs.ts';
import * as m from './models.ts';

/** Adding, changing and taking away machines beyond one form: tests, copies, files, tags, what was removed. */

const people = ['ui', 'web', 'api'] as const;

/** What is tried without being stored: a machine as it stands in a form. */
export const machineDraft = m.machineInput.pick({
  name: true,
  hostname: true,
  port: true,
  username: true,
  jumpMachineId: true,
  allowLegacyAlgorithms: true,
});

export const presentedKey = z.object({
  keyType: z.string(),
  fingerprintSha256: z.string(),
  /** `accepted`: by the person who looks, for this test only. */
  status: z.enum(['approved', 'unknown', 'changed', 'rejected', 'accepted']),
});
export type PresentedKeyView = z.output<typeof presentedKey>;

/** A test as it goes; the steps that are still to come are not in it. */
export const connectionTest = z.object({
  steps: z.array(m.diagnosisStep),
  running: m.diagnosisStep.shape.step.nullable(),
  hostKey: presentedKey.nullable(),
  done: z.boolean(),
});
export type ConnectionTest = z.output<typeof connectionTest>;

export const transferFormats = ['csv', 'json', 'ssh_config', 'known_hosts'] as const;
export type TransferFormat = (typeof transferFormats)[number];
export const exportFormats = transferFormats;
export type ExportFormat = (typeof exportFormats)[number];

/** What a column of a file can mean. */
export const importFields = [
  'name',
  'hostname',
  'port',
  'username',
  'jumpHost',
  'group',
  'kind',
  'tags',
  'notes',
  'authMethod',
  'sudoMode',
  'allowLegacyAlgorithms',
  'aptProxyMode',
  'aptProxyUrl',
] as const;
export type ImportField = (typeof importFields)[number];

export const importProblemCodes = [
  'required',
  'host',
  'port',
  'user',
  'too_long',
  'control',
  'kind',
  'auth',
  'sudo',
  'flag',
  'proxy',
  'tag',
  'jump_unknown',
  'jump_circle',
  'duplicate_fleet',
  'duplicate_file',
  'same_address',
  'same_name',
  'not_a_machine',
] as const;
export type ImportProblemCode = (typeof importProblemCodes)[number];

/** An `error` keeps its row out; a `warning` says what is left out of it or worth a look. */
export const importProblem = z.object({
  code: z.enum(importProblemCodes),
  severity: z.enum(['error', 'warning']),
  field: z.enum(importFields).nullable(),
  /** What stands in the file, or the machine or line that it collides with; shortened. */
  value: z.string(),
});
export type ImportProblem = z.output<typeof importProblem>;

const keyInFile = z.object({
  keyType: z.string().max(64),
  fingerprintSha256: z.string().max(64),
  /** base64 of the wire format. */
  publicKey: z.string().max(16_384),
});

/** A machine as a file describes it, when all of it is right; `null` = the file does not say. */
export const importMachine = z.object({
  name: m.machineInput.shape.name,
  hostname: m.hostnameText,
  port: m.portNumber,
  username: m.usernameText.nullable(),
  /** A name of the file or of the fleet, or `user@host:port` of one. */
  jumpHost: z.string().max(400).nullable(),
  group: m.groupText.nullable(),
  kind: z.enum(machineKinds).nullable(),
  tags: z.array(z.object({ name: m.tagName, color: m.tagColor.nullable() })).max(50),
  notes: m.notesText.nullable(),
  authMethod: z.enum(authMethods).nullable(),
  sudoMode: z.enum(sudoModes).nullable(),
  allowLegacyAlgorithms: z.boolean(),
  aptProxyMode: z.enum(aptProxyModes),
  aptProxyUrl: m.aptProxyUrlText.nullable(),
  /** A key file of this computer that an SSH configuration names. */
  identityFile: z.string().max(4096).nullable(),
  hostKeys: z.array(keyInFile).max(20),
});
export type ImportMachine = z.output<typeof importMachine>;

export const importRow = z.object({
  /** 1-based, among the machines of the file. */
  row: z.number().int(),
  /** Where it begins in the file, where lines mean something. */
  line: z.number().int().nullable(),
  /** Null when a problem keeps it out. */
  machine: importMachine.nullable(),
  /** What to call it where it has no machine. */
  label: z.string(),
  problems: z.array(importProblem),
});
export type ImportRow = z.output<typeof importRow>;

export const importNoteCodes = [
  'secret_column',
  'unknown_columns',
  'too_many_rows',
  'encoding_guessed',
  'hashed_names',
  'revoked_keys',
  'authority_keys',
  'wildcards',
  'unreadable_lines',
  'ssh_match',
  'ssh_wildcard',
  'ssh_include',
  'ssh_proxy_command',
  'ssh_port',
  'ssh_unreadable',
] as const;

export const importPreview = z.object({
  format: z.enum(transferFormats),
  encoding: z.string(),
  /** Of CSV. */
  delimiter: z.string().nullable(),
  hasHeader: z.boolean(),
  /** The columns of a CSV with what stands first in them; a secret one is never read. */
  columns: z.array(z.object({ name: z.string(), sample: z.string(), secret: z.boolean() })),
  /** Field to column of `columns`, as it was used. */
  mapping: z.partialRecord(z.enum(importFields), z.number().int()),
  rows: z.array(importRow),
  /** Machines in the file; more than `rows` where the file has more than are read. */
  total: z.number().int(),
  /** What was not read, and of what or how often. */
  notes: z.array(z.object({ code: z.enum(importNoteCodes), value: z.string() })),
});
export type ImportPreview = z.output<typeof importPreview>;

/** Bytes of a file that may be imported: what a message holds, in base64. */
export const maxImportBytes = 4 * 1024 * 1024;
/** Machines that one import reads. */
export const maxImportRows = 2000;

export const removedMachine = z.object({
  id: m.id,
  name: z.string(),
  hostname: z.string(),
  port: z.number().int(),
  username: z.string(),
  removedAt: m.isoDate,
  /** When the retention rule purges it, or null for never. */
  purgeAt: m.isoDate.nullable(),
});
export type RemovedMachine = z.output<typeof removedMachine>;

export const machineProcedures = {
  'machines.duplicate': call({
    summary: 'Copy the settings of a machine to a new address; its credentials only when asked',
    risk: 'change',
    surfaces: windows,
    input: z.object({
      id: m.id,
      name: m.machineInput.shape.name,
      hostname: m.hostnameText,
      port: m.portNumber,
      username: m.usernameText,
      withCredentials: z.boolean().default(false),
    }),
    output: z.object({ id: m.id }),
  }),
  'machines.test': events({
    summary:
      'Test the connection step by step as it goes: of a machine, or of a form before it is saved (nothing is stored then)',
    risk: 'read',
    surfaces: windows,
    input: z
      .object({
        /** Without a draft: the machine as it is stored. With one: whose stored secrets fill what the draft leaves out. */
        id: m.id.optional(),
        draft: machineDraft.optional(),
        credentials: m.credentialsInput.optional(),
        /** The fingerprint that the person who looks has compared; good for this test only. */
        acceptedFingerprint: z.string().max(64).optional(),
      })
      .refine(({ id, draft }) => id !== undefined || draft !== undefined, {
        message: 'a machine or a draft',
      }),
    output: connectionTest,
  }),
  'machines.importPreview': call({
    summary: 'What an import of this file would add, row by row; nothing is stored',
    risk: 'read',
    surfaces: windows,
    input: z.object({
      contentBase64: z.base64().max(Math.ceil(maxImportBytes / 3) * 4),
      /** Without it the content decides. */
      format: z.enum(transferFormats).optional(),
      delimiter: z.enum([',', ';', '\t', '|']).optional(),
      hasHeader: z.boolean().optional(),
      mapping: z.partialRecord(z.enum(importFields), z.number().int().min(0).max(999)).optional(),
    }),
    output: importPreview,
  }),
  'machines.importRows': call({
    summary: 'Add the machines of a preview, all of them or none',
    risk: 'change',
    surfaces: windows,
    input: z.object({
      source: z.enum(transferFormats),
      machines: z.array(importMachine).min(1).max(maxImportRows),
      /** For machines whose file names no user. */
      defaultUsername: m.usernameText,
      /** For all of them; without it each keeps the file's way of logging in, and its secrets are added later. */
      credentials: m.credentialsInput.optional(),
      /** The person has seen the keys of the file and approves them. */
      approveHostKeys: z.boolean().default(false),
    }),
    output: z.object({ ids: z.array(m.id) }),
  }),
  'machines.export': call({
    summary: 'Machines as a file, without any secret',
    risk: 'read',
    surfaces: windows,
    input: z.object({ format: z.enum(exportFormats), ids: z.array(m.id).max(10_000).optional() }),
    output: z.object({
      fileName: z.string(),
      mediaType: z.string(),
      text: z.string(),
      count: z.number().int(),
    }),
  }),
  'machines.removed': call({
    summary: 'Removed machines that can still be put back, the last removed first',
    risk: 'read',
    surfaces: people,
    input: z.object({}),
    output: z.object({ machines: z.array(removedMachine), keepDays: z.number().int().nullable() }),
  }),
  'machines.purge': call({
    summary: 'Delete a removed machine with all that is known of it; its name must be given',
    risk: 'destructive',
    surfaces: windows,
    input: byId.extend({ name: z.string() }),
    output: z.object({}),
  }),
  'machines.setRemovedKeepDays': call({
    summary: 'Days for which removed machines are kept, or null for ever',
    risk: 'change',
    surfaces: windows,
    input: z.object({ days: z.number().int().min(1).max(3650).nullable() }),
    output: z.object({}),
  }),

  'tags.update': call({
    summary: 'Rename or recolour a tag',
    risk: 'change',
    surfaces: windows,
    input: byId.extend({ name: m.tagName.optional(), color: m.tagColor.optional() }),
    output: m.tag,
  }),
  'tags.merge': call({
    summary: 'Give the machines of one tag the other one, and delete the first',
    risk: 'change',
    surfaces: windows,
    input: byId.extend({ intoId: m.id }),
    output: z.object({ moved: z.number().int() }),
  }),
  'tags.remove': call({
    summary: 'Delete a tag; machines stay',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({ machineIds: z.array(m.id) }),
  }),
} satisfies ContractShape;
