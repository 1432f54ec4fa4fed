import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../../shared/domain/errors.ts';

/** `PRAGMA application_id` of a Homeport database: "Hmpt" in ASCII. */
export const applicationId = 0x486d7074;

export interface Migration {
  /** File name without `.sql`; the order of the journal is the order of application. */
  readonly tag: string;
  readonly statements: readonly string[];
  readonly sha256: string;
}

interface Journal {
  readonly entries: readonly { readonly idx: number; readonly tag: string }[];
}

/** Reads the migrations that the program brings with it, in the order of drizzle-kit's journal. */
export function readMigrations(migrationsDir: string): Migration[] {
  const journal = JSON.parse(
    readFileSync(path.join(migrationsDir, 'meta', '_journal.json'), 'utf8'),
  ) as Journal;
  return [...journal.entries]
    .sort((a, b) => a.idx - b.idx)
    .map(({ tag }) => {
      // A checkout on Windows may have changed the line ends: that is no other migration.
      const sql = readFileSync(path.join(migrationsDir, `${tag}.sql`), 'utf8').replaceAll('\r\n', '\n');
      return {
        tag,
        statements: sql.split('--> statement-breakpoint'),
        sha256: createHash('sha256').update(sql).digest('hex'),
      };
    });
}

/**
 * The migrations that a database still lacks; all of them when it is new.
 * @throws AppError database_newer when the database has one that this program does not know,
 *   database_migration_failed when an applied one has since been changed or others were skipped
 */
export function pendingMigrations(
  raw: BetterSqlite3.Database,
  known: readonly Migration[],
  file: string,
): readonly Migration[] {
  const hasTable = raw
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'schema_migrations'")
    .get();
  if (!hasTable) return known;
  const applied = raw.prepare('select tag, sha256 from schema_migrations').all() as {
    tag: string;
    sha256: string;
  }[];
  const byTag = new Map(known.map((migration) => [migration.tag, migration]));
  const unknown = applied.filter(({ tag }) => !byTag.has(tag)).map(({ tag }) => tag);
  if (unknown.length > 0)
    throw new AppError('database_newer', `The database ${file} was written by a newer version of Homeport`, {
      file,
      unknownMigrations: unknown,
    });
  const appliedTags = new Map(applied.map(({ tag, sha256 }) => [tag, sha256]));
  for (const [position, migration] of known.entries()) {
    const sha256 = appliedTags.get(migration.tag);
    const shouldBeApplied = position < applied.length;
    if (shouldBeApplied !== (sha256 !== undefined) || (sha256 && sha256 !== migration.sha256))
      throw new AppError(
        'database_migration_failed',
        `The history of migrations in ${file} does not match this program at ${migration.tag}`,
        { file, migration: migration.tag },
      );
  }
  return known.slice(applied.length);
}

/**
 * Applies migrations in one transaction: all or none. Foreign keys are off meanwhile, because rebuilding a table
 * drops it (https://sqlite.org/lang_altertable.html, section 7), and are checked as a whole before the commit.
 */
export function applyMigrations(
  raw: BetterSqlite3.Database,
  migrations: readonly Migration[],
  file: string,
  at: Date,
): void {
  raw.pragma('foreign_keys = OFF');
  let current = '';
  try {
    raw
      .transaction(() => {
        raw.exec(
          'create table if not exists schema_migrations (tag text primary key, sha256 text not null, applied_at text not null) strict',
        );
        const record = raw.prepare(
          'insert into schema_migrations (tag, sha256, applied_at) values (?, ?, ?)',
        );
        for (const migration of migrations) {
          current = migration.tag;
          for (const statement of migration.statements) raw.exec(statement);
          record.run(migration.tag, migration.sha256, at.toISOString());
        }
        const orphans = raw.pragma('foreign_key_check') as { table: string }[];
        raw.pragma(`application_id = ${applicationId}`);
        if (orphans.length > 0)
          throw new Error(`${orphans.length} rows would lose the row they refer to (${orphans[0]?.table})`);
      })
      .immediate();
  } catch (error) {
    throw new AppError(
      'database_migration_failed',
      `Migration ${current} of ${file} failed; the database is as it was before`,
      { file, migration: current, detail: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  } finally {
    raw.pragma('foreign_keys = ON');
  }
}
