import { z } from 'zod';
import { errorKinds } from '../domain/errors.ts';
import { bytes, call, events } from './define.ts';
import { windows, none, byId } from './inputs.ts';

/** PATH_MAX of Linux is 4096 with its end. */
const path = z.string().max(4095);
/** Absolute, as the machine knows it. */
const absolute = path.startsWith('/');
/** One name in a directory: no way out of it. NAME_MAX is 255 bytes. */
const name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text !== '.' && text !== '..' && !/[/\0]/.test(text));
const onMachine = z.object({ machineId: z.uuid() });
const mode = z.number().int().min(0).max(0o7777);

export const fileKind = z.enum(['file', 'directory', 'symlink', 'other']);
export const fileEntry = z.object({
  /** As the machine writes it: untrusted, may hold control characters. */
  name: z.string(),
  kind: fileKind,
  sizeBytes: z.number(),
  /** Seconds since 1970. */
  modifiedAt: z.number(),
  /** Permission bits, 0 to 0o7777. */
  mode: z.number().int(),
  owner: z.string(),
  group: z.string(),
  /** Of a symlink: where it says it leads, and what is there; null: nothing. */
  linkTarget: z.string().nullable(),
  linkKind: fileKind.nullable(),
});
export type FileEntry = z.output<typeof fileEntry>;

export const fileListing = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('directory'),
    /** The real, absolute path. */
    path: z.string(),
    /** The login's own directory. */
    home: z.string(),
    /** Room of its file system; null where the server does not tell. */
    space: z.object({ freeBytes: z.number(), totalBytes: z.number(), isReadOnly: z.boolean() }).nullable(),
  }),
  z.object({ type: z.literal('entries'), entries: z.array(fileEntry) }),
]);

/** What must be the same for a text not to have changed. */
export const fileVersion = z.object({ sizeBytes: z.number(), modifiedAt: z.number(), sha256: z.string() });
export type FileVersion = z.output<typeof fileVersion>;

/** `waiting`: its turn comes · `reconnecting`: the link is lost and tried again · `broken`: it can be resumed. */
export const transferStates = [
  'waiting',
  'running',
  'reconnecting',
  'done',
  'failed',
  'broken',
  'cancelled',
] as const;
export const transfer = z.object({
  id: z.uuid(),
  machineId: z.uuid(),
  machineName: z.string(),
  direction: z.enum(['upload', 'download']),
  path: z.string(),
  /** Null while nobody knows it: of a directory that its machine makes an archive of. */
  sizeBytes: z.number().nullable(),
  doneBytes: z.number(),
  /** Over the last seconds; null while nothing moves. */
  bytesPerSecond: z.number().nullable(),
  state: z.enum(transferStates),
  /** Of one that is done: it arrived, and something is missing in it. */
  error: z
    .object({ kind: z.enum(errorKinds), message: z.string(), data: z.record(z.string(), z.unknown()) })
    .nullable(),
  startedAt: z.string(),
});
export type Transfer = z.output<typeof transfer>;

/** `refuse` fails where the name is taken. */
export const nameConflict = z.enum(['refuse', 'replace', 'keep_both']);
export type NameConflict = z.output<typeof nameConflict>;
/** What the editor takes. */
export const mostEditedBytes = 1024 * 1024;
/** Of the end of what has arrived, compared before an upload goes on. */
export const tailBytes = 4096;

export const fileProcedures = {
  'files.list': events({
    summary:
      'What lies in a directory of a machine, over SFTP: the directory first, then its entries in pieces, once',
    risk: 'read',
    surfaces: windows,
    /** A path that is not absolute begins at the login's own directory. */
    input: onMachine.extend({ path }),
    output: fileListing,
  }),
  'files.survey': call({
    summary: 'What lies under these paths, counted before they are removed; symlinks are not followed',
    risk: 'read',
    surfaces: windows,
    input: onMachine.extend({ paths: z.array(absolute).min(1).max(1000) }),
    output: z.object({
      files: z.number().int(),
      directories: z.number().int(),
      sizeBytes: z.number(),
      /** There is more than was counted. */
      isCut: z.boolean(),
    }),
  }),
  'files.makeDirectory': call({
    summary: 'Make a directory on a machine',
    risk: 'change',
    surfaces: windows,
    input: onMachine.extend({ directory: absolute, name, mayExist: z.boolean().default(false) }),
    output: z.object({ path: z.string() }),
  }),
  'files.rename': call({
    summary:
      'Rename a file or directory in its directory, or move it to another; refused where the name is taken',
    risk: 'change',
    surfaces: windows,
    input: onMachine.extend({ path: absolute, directory: absolute.optional(), name }),
    output: z.object({ path: z.string() }),
  }),
  'files.remove': call({
    summary: 'Remove files, and directories with all that is in them; symlinks are removed, not followed',
    risk: 'destructive',
    surfaces: windows,
    input: onMachine.extend({ paths: z.array(absolute).min(1).max(1000) }),
    output: z.object({ removed: z.number().int() }),
  }),
  'files.setMode': call({
    summary: 'Change the permissions of files',
    risk: 'change',
    surfaces: windows,
    input: onMachine.extend({ paths: z.array(absolute).min(1).max(1000), mode }),
    output: none,
  }),
  'files.readText': call({
    summary: 'The text of a file, to be edited; refused for what is large or no UTF-8 text',
    risk: 'read',
    surfaces: windows,
    input: onMachine.extend({ path: absolute }),
    output: z.object({ text: z.string(), version: fileVersion, mode: z.number().int() }),
  }),
  'files.writeText': call({
    summary:
      'Replace the text of a file in one step, keeping mode and where possible owner; refused when it is not the expected version',
    risk: 'change',
    surfaces: windows,
    input: onMachine.extend({
      path: absolute,
      text: z.string().max(mostEditedBytes),
      /** Null: whatever is there. */
      expected: fileVersion.nullable(),
    }),
    output: z.object({ version: fileVersion }),
  }),

  'files.upload': bytes({
    summary:
      'Send a file to a machine: its bytes upwards. It is written beside its place and put there when it is whole; what breaks can be resumed',
    risk: 'change',
    surfaces: windows,
    input: z.union([
      onMachine.extend({
        id: z.uuid(),
        directory: absolute,
        name,
        sizeBytes: z.number().int().min(0),
        /** Milliseconds since 1970, of the file here. */
        modifiedMs: z.number(),
        conflict: nameConflict,
      }),
      z.object({ id: z.uuid(), resumeAt: z.number().int().min(0) }),
    ]),
  }),
  'files.resumePoint': call({
    summary: 'From where a broken upload can go on, and the last bytes before, for the sender to compare',
    risk: 'read',
    surfaces: windows,
    input: z.object({ id: z.uuid(), sizeBytes: z.number().int(), modifiedMs: z.number() }),
    output: z.object({ offsetBytes: z.number().int(), tailBase64: z.string() }),
  }),
  'files.download': call({
    summary:
      'An address of this application from which a file of a machine can be downloaded, for a short time; a directory as an archive that its own tar makes',
    risk: 'read',
    surfaces: windows,
    input: onMachine.extend({ path: absolute }),
    output: z.object({ href: z.string(), fileName: z.string() }),
  }),
  'files.watchTransfers': events({
    summary:
      'Transfers of this start of the application, newest first, and uploads that an earlier one left: now and while they move',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: z.array(transfer),
  }),
  'files.cancelTransfer': call({
    summary: 'Stop a transfer, or give up one that could be resumed',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: none,
  }),
  'files.clearTransfers': call({
    summary: 'Forget the transfers that are over',
    risk: 'change',
    surfaces: windows,
    input: none,
    output: none,
  }),
};
