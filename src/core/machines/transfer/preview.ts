import {
  maxImportRows,
  type ImportMachine,
  type ImportPreview,
  type ImportRow,
  type TransferFormat,
} from '../../../shared/contract/machines.ts';
import { addressText } from '../../../shared/contract/address.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import { decodeText } from './decode.ts';
import { createJumpFinder, doorOf, leadsBack, type Named } from './jumps.ts';
import { readJson } from './json-file.ts';
import { readRow, type RawMachine } from './row.ts';
import { readKnownHostsFile, readSshConfigFile } from './ssh-files.ts';
import { readTable, type TableOptions } from './table.ts';

export interface PreviewOptions extends TableOptions {
  readonly format?: TransferFormat | undefined;
}

interface ReadFile extends Pick<
  ImportPreview,
  'delimiter' | 'hasHeader' | 'columns' | 'mapping' | 'notes' | 'total'
> {
  readonly machines: readonly RawMachine[];
}

/**
 * What an import of these bytes would add to `fleet`, row by row. Reads and compares only.
 * @throws AppError invalid_input when the file as a whole cannot be read
 */
export function previewImport(
  bytes: Uint8Array,
  options: PreviewOptions,
  fleet: readonly Named[],
): ImportPreview {
  const { text, encoding, guessed } = decodeText(bytes);
  if (text.trim() === '') throw new AppError('invalid_input', 'The file is empty', { reason: 'empty_file' });
  const format = options.format ?? likelyFormat(text);
  const { machines, notes, ...file } = readAs(format, text, options);
  const rows = machines.slice(0, maxImportRows).map((raw, at) => readRow(raw, at + 1));
  compare(rows, fleet);
  return {
    format,
    encoding,
    ...file,
    rows,
    notes: [
      ...(guessed ? [{ code: 'encoding_guessed' as const, value: encoding }] : []),
      ...(file.total > maxImportRows ? [{ code: 'too_many_rows' as const, value: String(file.total) }] : []),
      ...notes,
    ],
  };
}

/** The format that a text has by its content; a list of addresses is CSV with one column. */
export function likelyFormat(text: string): TransferFormat {
  const start = text.slice(0, 64 * 1024);
  if (/^\s*[[{]/.test(start) && !/^\[[^\]\n]+\]:\d+\s/.test(start)) return 'json';
  if (/^(@\S+ )?\S+ (ssh-|ecdsa-sha2-|sk-)[\w@.-]+ AAAA/m.test(start)) return 'known_hosts';
  return /^\s*(host|include|match)[ \t=]+\S/im.test(start) && !/^[^\n]*[,;\t|]/.test(start.trimStart())
    ? 'ssh_config'
    : 'csv';
}

function readAs(format: TransferFormat, text: string, options: TableOptions): ReadFile {
  const plain = { delimiter: null, hasHeader: false, columns: [], mapping: {} };
  switch (format) {
    case 'csv': {
      const { records, secretColumns, unknownColumns, ...table } = readTable(text, options);
      return {
        ...table,
        columns: [...table.columns],
        machines: records,
        notes: columnNotes(secretColumns, unknownColumns),
      };
    }
    case 'json': {
      const { machines, total, secretKeys, unknownKeys } = readJson(text);
      return { ...plain, machines, total, notes: columnNotes(secretKeys, unknownKeys) };
    }
    case 'ssh_config':
    case 'known_hosts': {
      const { machines, notes } =
        format === 'ssh_config' ? readSshConfigFile(text) : readKnownHostsFile(text);
      return { ...plain, machines, total: machines.length, notes: notes.slice(0, 100) };
    }
  }
}

function columnNotes(secret: readonly string[], unknown: readonly string[]): ImportPreview['notes'] {
  return [
    ...(secret.length > 0 ? [{ code: 'secret_column' as const, value: secret.join(', ') }] : []),
    ...(unknown.length > 0 ? [{ code: 'unknown_columns' as const, value: unknown.join(', ') }] : []),
  ];
}

/** Tells duplicates and jump hosts that lead nowhere, against the fleet and among the rows themselves. */
function compare(rows: ImportRow[], fleet: readonly Named[]): void {
  const fleetDoors = Map.groupBy(fleet, doorOf);
  const fleetNames = new Set(fleet.map(({ name }) => name.toLowerCase()));
  const seen = new Map<string, { row: number; machine: ImportMachine }[]>();
  const names = new Map<string, number>();
  const find = createJumpFinder(
    rows.flatMap(({ machine }) => (machine ? [machine] : [])),
    fleet,
  );
  for (const row of rows) {
    const { machine } = row;
    if (machine === null) continue;
    const keepOut = (
      code: 'duplicate_fleet' | 'duplicate_file' | 'jump_circle' | 'jump_unknown',
      value: string,
    ) => {
      const field = code === 'jump_circle' || code === 'jump_unknown' ? 'jumpHost' : 'hostname';
      row.problems.push({ code, severity: 'error', field, value });
      row.machine = null;
    };
    const warn = (code: 'same_address' | 'same_name', value: string) =>
      row.problems.push({
        code,
        severity: 'warning',
        field: code === 'same_name' ? 'name' : 'hostname',
        value,
      });

    const there = fleetDoors.get(doorOf(machine)) ?? [];
    // A file that names no user means the machine, whoever logs in there.
    const same = there.find(({ username }) => machine.username === null || username === machine.username);
    const before = seen.get(doorOf(machine)) ?? [];
    const twin = before.find(
      (one) =>
        machine.username === null ||
        one.machine.username === null ||
        one.machine.username === machine.username,
    );
    if (same) keepOut('duplicate_fleet', same.name);
    else if (twin) keepOut('duplicate_file', String(twin.row));
    else {
      const [other] =
        there.length > 0 ? there.map(({ name }) => name) : before.map((one) => one.machine.name);
      if (other !== undefined) warn('same_address', other);
      const name = machine.name.toLowerCase();
      if (fleetNames.has(name) || names.has(name)) warn('same_name', machine.name);
      names.set(name, row.row);
      seen.set(doorOf(machine), [...before, { row: row.row, machine }]);
    }
    const jump = machine.jumpHost;
    if (jump === null || row.machine === null) continue;
    // Without its jump host it would be asked directly, which is not what the file says.
    if (find(jump) === null) keepOut('jump_unknown', jump);
    else if (leadsBack(machine, find)) keepOut('jump_circle', addressText(machine));
  }
}
