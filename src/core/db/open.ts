import { chmodSync, closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { AppError } from '../../shared/domain/errors.ts';
import { backUpBeforeMigration, listBackups } from './backups.ts';
import type { Now } from './clock.ts';
import { applicationId, applyMigrations, pendingMigrations, readMigrations } from './migrations.ts';
import * as schema from './schema/index.ts';
import { claimWriter } from './single-writer.ts';
import { fromSqliteError } from './sqlite-errors.ts';

export interface OpenOptions {
  /** Path of the database, or `:memory:` for one that leaves no trace (tests). */
  readonly file: string;
  readonly migrationsDir: string;
  readonly backupsDir: string;
  readonly now?: Now;
}

export type Drizzle = BetterSQLite3Database<typeof schema>;

export interface Database {
  readonly db: Drizzle;
  readonly raw: BetterSqlite3.Database;
  readonly file: string;
  /** The copy made because migrations were applied at this opening, or null. */
  readonly backup: string | null;
  /**
   * Runs synchronous work in one write transaction, committed when it returns and rolled back when it throws. Inside
   * another `tx` it is a savepoint of that one.
   * @throws AppError database_busy, local_disk_full, database_corrupt, or what `work` throws
   */
  readonly tx: <T>(work: () => T) => T;
  /**
   * As `tx`, without waiting for the disk: whole or not at all in any case, and safe from the end of the process, but a
   * power cut may take it back until the next `tx` was committed. For what can be had again (docs/decisions/0003).
   * Inside another transaction it is a savepoint of that one.
   */
  readonly relaxedTx: <T>(work: () => T) => T;
  readonly close: () => void;
}

const memory = ':memory:';
const KEPT_STATEMENTS = 200;

/** @throws AppError internal when the runtime's Node-API is older than better-sqlite3 needs (Node 20 would crash). */
export function assertNodeApi(napi: string | undefined): void {
  if (Number(napi) >= 10) return;
  throw new AppError(
    'internal',
    `This is Node ${process.versions.node}, too old for the database: it needs Node-API 10 (Node 22.14 or later). ` +
      'Start Homeport through npm, which brings its own Node: npm start.',
    { node: process.versions.node, napi: napi ?? null },
  );
}

/**
 * Opens the database, makes it when it does not exist, checks that it is sound, and brings it to the current schema.
 * @throws AppError database_corrupt, database_newer, database_migration_failed, database_busy, local_disk_full
 */
export function openDatabase(options: OpenOptions): Database {
  assertNodeApi(process.versions.napi);
  const { file } = options;
  const closers: (() => void)[] = [];
  try {
    const isNew = file === memory || prepareFile(file);
    if (file !== memory) closers.push(claimWriter(file));
    const raw = new BetterSqlite3(file, { timeout: 2_000 });
    closers.push(() => raw.close());
    setPragmas(raw);
    keepStatements(raw);
    if (!isNew) assertSound(raw, file);
    const backup = migrate(raw, options, isNew);
    const closeAll = () => {
      while (closers.length > 0) closers.pop()?.();
    };
    const tx = <T>(work: () => T): T => {
      try {
        return raw.transaction(work).immediate();
      } catch (error) {
        throw fromSqliteError(error, file);
      }
    };
    return {
      db: drizzle(raw, { schema }),
      raw,
      file,
      backup,
      tx,
      relaxedTx: (work) => {
        if (raw.inTransaction) return tx(work);
        raw.pragma('synchronous = NORMAL');
        try {
          return tx(work);
        } finally {
          raw.pragma('synchronous = FULL');
        }
      },
      close: () => {
        if (raw.open) raw.pragma('optimize');
        closeAll();
      },
    };
  } catch (error) {
    while (closers.length > 0) closers.pop()?.();
    throw withLatestBackup(fromSqliteError(error, file), options.backupsDir);
  }
}

/** Makes a private file where there is none, and narrows its mode where there is one. Returns whether it is empty. */
function prepareFile(file: string): boolean {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives -wal and -shm the mode of the database itself.
  const handle = openSync(file, 'a+', 0o600);
  const header = Buffer.alloc(16);
  try {
    const { size } = statSync(file);
    if (size > 0) readSync(handle, header, 0, header.length, 0);
    chmodSync(file, 0o600);
    if (size === 0) return true;
  } finally {
    closeSync(handle);
  }
  if (header.toString('latin1') !== 'SQLite format 3\0')
    throw corrupt(file, 'the header is not that of SQLite');
  return false;
}

/**
 * `synchronous` is FULL although WAL would be sound with NORMAL: a power cut must not take back a queued job, a launched
 * run or an output offset after the host has acted on it. It costs one fsync a commit; `relaxedTx` is for the commits
 * that need none (docs/decisions/0003).
 */
function setPragmas(raw: BetterSqlite3.Database): void {
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.pragma('foreign_keys = ON');
  raw.pragma('trusted_schema = OFF');
  raw.pragma('temp_store = MEMORY');
  raw.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
}

/**
 * Drizzle prepares each query anew, and preparing costs more than running it. A statement that is running (iterated) is
 * not given out a second time; `raw()` of its former user is undone.
 */
function keepStatements(raw: BetterSqlite3.Database): void {
  const prepare = raw.prepare.bind(raw) as (sql: string) => BetterSqlite3.Statement;
  const kept = new Map<string, BetterSqlite3.Statement>();
  const prepareOrReuse = (sql: string): BetterSqlite3.Statement => {
    const known = kept.get(sql);
    if (known && !known.busy) {
      kept.delete(sql);
      kept.set(sql, known);
      return known.reader ? known.pluck(false).raw(false) : known;
    }
    const made = prepare(sql);
    kept.set(sql, made);
    if (kept.size > KEPT_STATEMENTS) kept.delete(kept.keys().next().value ?? sql);
    return made;
  };
  raw.prepare = prepareOrReuse as typeof raw.prepare;
}

function assertSound(raw: BetterSqlite3.Database, file: string): void {
  for (const target of checkedTables(raw)) {
    const result = raw.pragma(`quick_check(${target})`, { simple: true });
    if (result !== 'ok') throw corrupt(file, String(result));
  }
  if (raw.pragma('application_id', { simple: true }) !== applicationId && hasTables(raw))
    throw corrupt(file, 'it is a database of another program');
}

/**
 * What `quick_check` is asked to look at, as its argument. A full-text index is left out, and only the tables that it is
 * stored in are looked at: SQLite would read the whole index again word by word (5.6 s at 100,000 reports), and it is made
 * anew from the reports by the rebuild of derived tables.
 */
function checkedTables(raw: BetterSqlite3.Database): string[] {
  try {
    const names = raw
      .prepare(
        "select name from sqlite_schema where type = 'table' and sql not like 'create virtual table%' order by name",
      )
      .pluck()
      .all() as string[];
    return ['sqlite_schema', ...names].map((name) => `"${name.replaceAll('"', '""')}"`);
  } catch {
    // The schema itself cannot be read: a check of the whole says why.
    return ['1'];
  }
}

function hasTables(raw: BetterSqlite3.Database): boolean {
  return raw.prepare('select 1 from sqlite_schema limit 1').get() !== undefined;
}

function corrupt(file: string, detail: string): AppError {
  return new AppError('database_corrupt', `The database ${file} is damaged: ${detail}`, { file, detail });
}

/** Returns the path of the copy made before, or null where nothing had to be copied. */
function migrate(raw: BetterSqlite3.Database, options: OpenOptions, isNew: boolean): string | null {
  const pending = pendingMigrations(raw, readMigrations(options.migrationsDir), options.file);
  const first = pending[0];
  if (!first) return null;
  const at = (options.now ?? (() => new Date()))();
  const worthKeeping = !isNew && hasTables(raw);
  const backup = worthKeeping ? backUpBeforeMigration(raw, options.backupsDir, first.tag, at) : null;
  applyMigrations(raw, pending, options.file, at);
  return backup;
}

/** What to do about a damaged file is to go back to a copy: the error names the latest. */
function withLatestBackup(error: unknown, backupsDir: string): unknown {
  if (!(error instanceof AppError)) return error;
  if (error.code !== 'database_corrupt' && error.code !== 'database_migration_failed') return error;
  const latestBackup = listBackups(backupsDir).at(-1) ?? null;
  return new AppError(error.code, error.message, { ...error.data, latestBackup }, { cause: error.cause });
}
