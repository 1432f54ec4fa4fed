import { maxImportRows, type ImportField } from '../../../shared/contract/machines.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import { fieldNamed, isSecretHeader } from './headers.ts';
import type { RawMachine } from './row.ts';

export interface JsonMachines {
  readonly machines: readonly RawMachine[];
  readonly total: number;
  readonly secretKeys: readonly string[];
  readonly unknownKeys: readonly string[];
}

/** Keys of our own export that are no field of a machine. */
const silentKeys = new Set(['tags', 'id']);
const maxKeys = 100;

/**
 * Reads a list of machines: an array of objects, or an object with the array under `machines` or `hosts`.
 * @throws AppError invalid_input when it is neither
 */
export function readJson(text: string): JsonMachines {
  const list = listIn(parse(text));
  if (list === null)
    throw new AppError('invalid_input', 'No list of machines in the file', { reason: 'json_shape' });
  const secretKeys = new Set<string>();
  const unknownKeys = new Set<string>();
  const machines = list.slice(0, maxImportRows).map((item): RawMachine => {
    if (typeof item === 'string') return { line: null, values: { hostname: item } };
    if (!isRecord(item)) return { line: null, values: {} };
    const values: Partial<Record<ImportField, string>> = {};
    for (const [key, value] of Object.entries(item).slice(0, maxKeys)) {
      const field = fieldNamed(key);
      if (isSecretHeader(key)) secretKeys.add(key.slice(0, 80));
      else if (field === undefined) {
        if (!silentKeys.has(key)) unknownKeys.add(key.slice(0, 80));
      } else if (values[field] === undefined) values[field] = plainText(value);
    }
    const { tags } = item;
    return { line: null, values, ...(Array.isArray(tags) && { tags: tags.flatMap(readTag) }) };
  });
  return {
    machines,
    total: list.length,
    secretKeys: [...secretKeys],
    unknownKeys: [...unknownKeys].slice(0, 20),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new AppError('invalid_input', 'The file is not JSON', {
      reason: 'json',
      ...(position !== undefined && { line: text.slice(0, Number(position)).split('\n').length }),
    });
  }
}

function listIn(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as unknown[];
  if (!isRecord(value)) return null;
  const inside = value['machines'] ?? value['hosts'];
  return Array.isArray(inside) ? (inside as unknown[]) : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function readTag(tag: unknown): { name: string; color: string | null }[] {
  if (typeof tag === 'string') return [{ name: tag, color: null }];
  if (!isRecord(tag) || typeof tag['name'] !== 'string') return [];
  return [{ name: tag['name'], color: typeof tag['color'] === 'string' ? tag['color'] : null }];
}
