import path from 'node:path';
import type { Now } from './clock.ts';
import { openDatabase, type Database } from './open.ts';

/** The repository's migrations. */
export const migrationsDir = path.resolve(import.meta.dirname, '../../../migrations');

/** A database in memory with the current schema, for tests and benchmarks. */
export function openMemoryDatabase(now?: Now): Database {
  return openDatabase({
    file: ':memory:',
    migrationsDir,
    backupsDir: '/nonexistent',
    ...(now && { now }),
  });
}
