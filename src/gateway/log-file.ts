import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../core/context.ts';

const maxBytes = 5 * 1024 * 1024;

/** An error with its text, stack, code and causes, as plain data. */
function plainError(error: Error, depth = 0): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const extra = error as { code?: unknown; data?: unknown };
  return {
    name,
    message,
    stack,
    ...(extra.code === undefined ? {} : { code: extra.code }),
    ...(extra.data === undefined ? {} : { data: extra.data }),
    ...(cause === undefined || depth >= 5
      ? {}
      : { cause: cause instanceof Error ? plainError(cause, depth + 1) : cause }),
  };
}

function line(level: string, message: string, data: Record<string, unknown>): string {
  const entry = { at: new Date().toISOString(), level, message, ...data };
  const replace = (_key: string, value: unknown): unknown => {
    if (value instanceof Error) return plainError(value);
    return typeof value === 'bigint' ? value.toString() : value;
  };
  return `${JSON.stringify(entry, replace)}\n`;
}

/** `logs/homeport.log` in the data directory: one JSON object a line, 5 MB and one older file kept, for this user only. */
export function openLogFile(dataDir: string): Log {
  const dir = path.join(dataDir, 'logs');
  const file = path.join(dir, 'homeport.log');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const sizeNow = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let sizeBytes = sizeNow();

  const write = (level: string, message: string, data: Record<string, unknown>): void => {
    const text = line(level, message, data);
    try {
      if (sizeBytes > maxBytes) {
        renameSync(file, `${file}.1`);
        sizeBytes = 0;
      }
      appendFileSync(file, text, { mode: 0o600 });
      sizeBytes += Buffer.byteLength(text);
    } catch (error) {
      // A full disk must not stop the work; the terminal is what is left.
      console.error(text, error);
    }
  };
  return {
    info: (message, data = {}) => {
      write('info', message, data);
    },
    error: (message, data = {}) => {
      write('error', message, data);
    },
  };
}
