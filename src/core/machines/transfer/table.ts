import { parse } from 'csv-parse/sync';
import { maxImportRows, type ImportField, type ImportPreview } from '../../../shared/contract/machines.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import { parseAddress } from '../../../shared/contract/address.ts';
import { readCell } from './cells.ts';
import { fieldNamed, isSecretHeader } from './headers.ts';

export type Delimiter = ',' | ';' | '\t' | '|';
const delimiters: readonly Delimiter[] = [',', ';', '\t', '|'];
/** A longer record is no machine: an open quote has swallowed the rest of the file. */
const maxRecordChars = 64 * 1024;
const sampleLines = 20;

export interface TableOptions {
  readonly delimiter?: Delimiter | undefined;
  readonly hasHeader?: boolean | undefined;
  readonly mapping?: Partial<Record<ImportField, number>> | undefined;
}

export interface Table {
  readonly delimiter: Delimiter;
  readonly hasHeader: boolean;
  readonly columns: ImportPreview['columns'];
  readonly mapping: Partial<Record<ImportField, number>>;
  readonly secretColumns: readonly string[];
  readonly unknownColumns: readonly string[];
  /** Cells by field, at most `maxImportRows`. */
  readonly records: readonly { line: number; values: Partial<Record<ImportField, string>> }[];
  readonly total: number;
}

/**
 * Reads CSV of any usual separator. Columns that look like secrets are never read.
 * @throws AppError invalid_input when the text is not CSV, with the line
 */
export function readTable(text: string, options: TableOptions): Table {
  const delimiter = options.delimiter ?? likelyDelimiter(text);
  const all = parseRecords(text, delimiter);
  const [first] = all;
  if (!first) throw new AppError('invalid_input', 'The file has no line', { reason: 'empty_file' });
  const hasHeader = options.hasHeader ?? looksLikeHeader(first.cells);
  const width = Math.max(...all.slice(0, 100).map(({ cells }) => cells.length));
  const body = hasHeader ? all.slice(1) : all;
  const headers = Array.from({ length: width }, (_, at) => (hasHeader ? (first.cells[at] ?? '').trim() : ''));
  const isSecret = headers.map(isSecretHeader);
  const mapping = Object.fromEntries(
    Object.entries(options.mapping ?? guessMapping(headers, body, hasHeader)).filter(
      ([, column]) => column < width && !isSecret[column],
    ),
  ) as Partial<Record<ImportField, number>>;
  const used = new Set(Object.values(mapping));
  return {
    delimiter,
    hasHeader,
    columns: headers.map((name, at) => ({
      name: shorten(name),
      secret: isSecret[at] ?? false,
      sample: isSecret[at] ? '' : shorten(readCell(body.find(({ cells }) => cells[at])?.cells[at] ?? '')),
    })),
    mapping,
    secretColumns: headers.filter((_, at) => isSecret[at]).map(shorten),
    unknownColumns: headers.filter((name, at) => name !== '' && !used.has(at) && !isSecret[at]).map(shorten),
    records: body.slice(0, maxImportRows).map(({ line, cells }) => ({
      line,
      values: Object.fromEntries(
        Object.entries(mapping).map(([field, column]) => [field, readCell(cells[column] ?? '')]),
      ),
    })),
    total: body.length,
  };
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

function parseRecords(text: string, delimiter: Delimiter): { line: number; cells: string[] }[] {
  try {
    const records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      max_record_size: maxRecordChars,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return records.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    const { code, lines } = error as { code?: unknown; lines?: unknown };
    throw new AppError('invalid_input', 'The file cannot be read as CSV', {
      reason: code === 'CSV_MAX_RECORD_SIZE' || code === 'CSV_QUOTE_NOT_CLOSED' ? 'csv_quote' : 'csv',
      ...(typeof lines === 'number' && { line: lines }),
    });
  }
}

/** The separator that stands equally often in the first lines, outside quotes; the most frequent one where several do. */
function likelyDelimiter(text: string): Delimiter {
  const lines = text
    .slice(0, maxRecordChars)
    .replaceAll(/"[^"]*"/g, '')
    .split(/\r\n|\r|\n/, sampleLines)
    .filter((line) => line.trim() !== '');
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of delimiters) {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const [first = 0] = counts;
    const same = counts.filter((count) => count === first && count > 0).length;
    const score = first * (same / Math.max(1, lines.length));
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function looksLikeHeader(cells: readonly string[]): boolean {
  const known = cells.filter((cell) => fieldNamed(cell) !== undefined).length;
  return known > 0 && known >= cells.filter((cell) => cell.trim() !== '').length / 3;
}

function guessMapping(
  headers: readonly string[],
  body: readonly { cells: readonly string[] }[],
  hasHeader: boolean,
): Partial<Record<ImportField, number>> {
  const mapping: Partial<Record<ImportField, number>> = {};
  for (const [at, header] of headers.entries()) {
    const field = hasHeader ? fieldNamed(header) : undefined;
    if (field !== undefined && mapping[field] === undefined) mapping[field] = at;
  }
  // Without a header, or with one that names no address: the first column whose cells look like addresses.
  if (mapping.hostname === undefined) {
    const taken = new Set(Object.values(mapping));
    const at = headers.findIndex(
      (_, column) =>
        !taken.has(column) && body.slice(0, sampleLines).some(({ cells }) => isAddress(cells[column] ?? '')),
    );
    if (at >= 0) mapping.hostname = at;
    else if (mapping.name !== undefined) mapping.hostname = mapping.name;
  }
  return mapping;
}

const isAddress = (cell: string): boolean => /[.:@]/.test(cell) && parseAddress(cell).ok;
