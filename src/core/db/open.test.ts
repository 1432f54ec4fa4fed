import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { backupsKept, backUpBeforeMigration, listBackups } from './backups.ts';
import { assertNodeApi, openDatabase, type Database } from './open.ts';
import { appMeta, machines, machineTags } from './schema/index.ts';
import { migrationsDir } from './testing.ts';

let folder: string;
let file: string;
let backupsDir: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'homeport-db-'));
  file = path.join(folder, 'data', 'homeport.db');
  backupsDir = path.join(folder, 'data', 'backups');
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(dir = migrationsDir, now?: () => Date): Database {
  const database = openDatabase({ file, migrationsDir: dir, backupsDir, ...(now && { now }) });
  onTestFinished(() => database.close());
  return database;
}

function codeOf(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}

const digest = (name: string) => createHash('sha256').update(readFileSync(name)).digest('hex');
const mode = (name: string) => (statSync(name).mode & 0o777).toString(8);

/** The repository's migrations with more behind them. */
async function migrationsAnd(...added: { tag: string; sql: string }[]): Promise<string> {
  const dir = path.join(folder, `migrations-${added.map(({ tag }) => tag).join('-')}`);
  await mkdir(dir);
  await cp(migrationsDir, dir, { recursive: true });
  const journalFile = path.join(dir, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(journalFile, 'utf8')) as {
    entries: { idx: number; tag: string }[];
  };
  for (const { tag, sql } of added) {
    journal.entries.push({ idx: journal.entries.length, tag });
    writeFileSync(path.join(dir, `${tag}.sql`), sql);
  }
  writeFileSync(journalFile, JSON.stringify(journal));
  return dir;
}

describe('a new database', () => {
  it('has the settings that the code relies on', () => {
    const { raw } = open();
    const read = (name: string) => raw.pragma(name, { simple: true });
    expect({
      journal: read('journal_mode'),
      synchronous: read('synchronous'),
      foreignKeys: read('foreign_keys'),
      busyTimeoutMs: read('busy_timeout'),
      trusted: read('trusted_schema'),
    }).toEqual({ journal: 'wal', synchronous: 2, foreignKeys: 1, busyTimeoutMs: 2000, trusted: 0 });
  });

  it('waits for the disk at every commit but a relaxed one', () => {
    const database = open();
    const synchronous = () => database.raw.pragma('synchronous', { simple: true });
    expect(database.relaxedTx(() => synchronous())).toBe(1);
    expect(synchronous()).toBe(2);
    expect(() =>
      database.relaxedTx(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(synchronous()).toBe(2);
    // Inside another transaction it is a part of that one.
    expect(database.tx(() => database.relaxedTx(() => synchronous()))).toBe(2);
  });

  it('gives a query prepared again what its form asks for, whatever its former user asked for', () => {
    const { raw } = open();
    const sql = "select 'a' as x, 'b' as y";
    expect(raw.prepare(sql).raw().get()).toEqual(['a', 'b']);
    expect(raw.prepare(sql).get()).toEqual({ x: 'a', y: 'b' });
    expect(raw.prepare(sql).pluck().get()).toBe('a');
    expect(raw.prepare(sql).all()).toEqual([{ x: 'a', y: 'b' }]);
    const rows = raw.prepare(sql).iterate();
    rows.next();
    expect(raw.prepare(sql).all()).toEqual([{ x: 'a', y: 'b' }]);
    rows.return?.();
  });

  it.skipIf(process.platform === 'win32')('is private (POSIX modes: not on Windows)', () => {
    open().db.insert(appMeta).values({ key: 'k', value: 'v' }).run();
    expect(mode(path.dirname(file))).toBe('700');
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(mode(name), name).toBe('600');
  });

  it('makes no backup, and none at the next opening', () => {
    open().close();
    expect(open().backup).toBeNull();
    expect(existsSync(backupsDir)).toBe(false);
  });

  it('keeps what was written, and leaves no write-ahead log behind', () => {
    const first = open();
    first.db.insert(appMeta).values({ key: 'k', value: 'v' }).run();
    first.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(open().db.select().from(appMeta).all()).toEqual([{ key: 'k', value: 'v' }]);
  });
});

describe('tx', () => {
  it('takes everything back when the work throws', () => {
    const { db, tx } = open();
    expect(() =>
      tx(() => {
        db.insert(appMeta).values({ key: 'k', value: 'v' }).run();
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(db.select().from(appMeta).all()).toEqual([]);
  });

  it('is a savepoint inside another', () => {
    const { db, tx } = open();
    tx(() => {
      db.insert(appMeta).values({ key: 'outer', value: 'v' }).run();
      expect(() =>
        tx(() => {
          db.insert(appMeta).values({ key: 'inner', value: 'v' }).run();
          throw new Error('no');
        }),
      ).toThrow('no');
    });
    expect(db.select({ key: appMeta.key }).from(appMeta).all()).toEqual([{ key: 'outer' }]);
  });
});

describe('one writer', () => {
  it('refuses a second opening, and allows it after the first closed', () => {
    const first = open();
    expect(codeOf(() => open()).code).toBe('database_busy');
    first.close();
    expect(open().raw.open).toBe(true);
  });

  it('lets another program read meanwhile', () => {
    open().db.insert(appMeta).values({ key: 'k', value: 'v' }).run();
    const reader = new BetterSqlite3(file, { readonly: true });
    expect(reader.prepare('select value from app_meta').pluck().get()).toBe('v');
    reader.close();
  });
});

describe('a damaged file', () => {
  it('that is no database is refused, untouched', () => {
    open().close();
    writeFileSync(file, 'This is not a database, but long enough to be taken for one.'.repeat(20));
    const before = digest(file);
    const error = codeOf(() => open());
    expect(error.code).toBe('database_corrupt');
    expect(error.data).toMatchObject({ file, latestBackup: null });
    expect(digest(file)).toBe(before);
  });

  it('with overwritten pages is refused, and the latest backup is named', async () => {
    const first = open();
    first.raw.exec(
      `insert into app_meta with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
       select 'key ' || i, hex(zeroblob(100)) from n`,
    );
    first.close();
    open(await migrationsAnd({ tag: '0001_more', sql: 'CREATE TABLE more (a text) STRICT;' })).close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, bytes.length - 40 * 4096, bytes.length - 4096);
    writeFileSync(file, bytes);
    const error = codeOf(() => open());
    expect(error.code).toBe('database_corrupt');
    expect(error.data['latestBackup']).toBe(listBackups(backupsDir).at(-1));
    expect(error.data['latestBackup']).not.toBeNull();
  });

  it('a database of another program is refused, untouched', () => {
    open().close();
    rmSync(file);
    const other = new BetterSqlite3(file);
    other.exec('create table theirs (a)');
    other.close();
    expect(codeOf(() => open()).code).toBe('database_corrupt');
    const again = new BetterSqlite3(file);
    expect(again.prepare('select name from sqlite_schema').pluck().all()).toEqual(['theirs']);
    again.close();
  });

  it('an empty file is a new database', () => {
    open().close();
    rmSync(file);
    writeFileSync(file, '');
    expect(open().db.select().from(appMeta).all()).toEqual([]);
  });
});

describe('migrating', () => {
  it('copies the database first, then applies what is missing', async () => {
    const first = open();
    first.db.insert(appMeta).values({ key: 'k', value: 'old' }).run();
    first.close();
    const dir = await migrationsAnd({ tag: '0001_more', sql: 'CREATE TABLE more (a text) STRICT;' });
    const second = open(dir, () => new Date('2026-03-04T05:06:07.008Z'));
    expect(second.backup).toBe(path.join(backupsDir, 'homeport-20260304T050607008Z-before-0001_more.db'));
    expect(second.raw.prepare('select count(*) from more').pluck().get()).toBe(0);
    const copy = new BetterSqlite3(second.backup ?? '', { readonly: true });
    expect(copy.prepare('select value from app_meta').pluck().all()).toEqual(['old']);
    expect(() => copy.prepare('select * from more')).toThrow(/no such table/);
    copy.close();
    if (process.platform !== 'win32') expect(mode(second.backup ?? '')).toBe('600');
  });

  it('refuses a database with a migration that it does not know, untouched', async () => {
    open(await migrationsAnd({ tag: '0001_more', sql: 'CREATE TABLE more (a text) STRICT;' })).close();
    const before = digest(file);
    const error = codeOf(() => open());
    expect(error.code).toBe('database_newer');
    expect(error.data['unknownMigrations']).toEqual(['0001_more']);
    expect(digest(file)).toBe(before);
  });

  it('that fails half-way leaves the file byte for byte as it was, and a copy beside it', async () => {
    const first = open();
    first.db.insert(appMeta).values({ key: 'k', value: 'old' }).run();
    first.close();
    const before = digest(file);
    const dir = await migrationsAnd(
      { tag: '0001_good', sql: "UPDATE app_meta SET value = 'new';\nCREATE TABLE good (a text) STRICT;" },
      {
        tag: '0002_bad',
        sql: 'DELETE FROM app_meta;\n--> statement-breakpoint\nALTER TABLE nowhere ADD a text;',
      },
    );
    const error = codeOf(() => open(dir));
    expect(error.code).toBe('database_migration_failed');
    expect(error.data).toMatchObject({ migration: '0002_bad', latestBackup: listBackups(backupsDir)[0] });
    expect(digest(file)).toBe(before);
    expect(open().db.select().from(appMeta).all()).toEqual([{ key: 'k', value: 'old' }]);
  });

  it('that leaves rows without their parent is refused', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const first = open();
    first.db
      .insert(machines)
      .values({
        id: 'm',
        name: 'm',
        hostname: 'h',
        osFamily: 'debian',
        username: 'u',
        status: 'unknown',
        createdAt: at,
        updatedAt: at,
      })
      .run();
    first.raw.prepare('insert into tags values (?, ?, null, ?)').run('t', 't', at);
    first.db.insert(machineTags).values({ machineId: 'm', tagId: 't' }).run();
    first.close();
    const dir = await migrationsAnd({ tag: '0001_orphans', sql: 'DELETE FROM tags;' });
    expect(codeOf(() => open(dir)).code).toBe('database_migration_failed');
    expect(open().db.select().from(machineTags).all()).toHaveLength(1);
  });

  it('may rebuild a table without losing the rows that refer to it', async () => {
    const first = open();
    const at = '2026-01-01T00:00:00.000Z';
    first.raw
      .prepare('insert into hermes_sessions (id, source, created_at) values (?, ?, ?)')
      .run('s', 'tui', at);
    first.raw
      .prepare('insert into hermes_runs (id, session_id, started_at) values (?, ?, ?)')
      .run('r', 's', at);
    first.close();
    const rebuild = `PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE \`__new_hermes_sessions\` (id text PRIMARY KEY NOT NULL, source text NOT NULL, created_at text NOT NULL) STRICT;
--> statement-breakpoint
INSERT INTO \`__new_hermes_sessions\` SELECT id, source, created_at FROM hermes_sessions;--> statement-breakpoint
DROP TABLE \`hermes_sessions\`;--> statement-breakpoint
ALTER TABLE \`__new_hermes_sessions\` RENAME TO \`hermes_sessions\`;--> statement-breakpoint
PRAGMA foreign_keys=ON;`;
    const second = open(await migrationsAnd({ tag: '0001_rebuild', sql: rebuild }));
    expect(second.raw.prepare('select session_id from hermes_runs').pluck().all()).toEqual(['s']);
    expect(second.raw.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(() =>
      second.raw.prepare("insert into hermes_runs (id, session_id, started_at) values ('q', 'no', '')").run(),
    ).toThrow(/FOREIGN KEY/);
  });

  it('refuses a database whose applied migration was changed since', async () => {
    open(await migrationsAnd({ tag: '0001_more', sql: 'CREATE TABLE more (a text) STRICT;' })).close();
    rmSync(path.join(folder, 'migrations-0001_more'), { recursive: true });
    const dir = await migrationsAnd({ tag: '0001_more', sql: 'CREATE TABLE more (b text) STRICT;' });
    expect(codeOf(() => open(dir)).code).toBe('database_migration_failed');
  });
});

describe('backups', () => {
  it(`keeps the latest ${backupsKept}`, () => {
    const { raw } = open();
    for (let day = 1; day <= backupsKept + 2; day++)
      backUpBeforeMigration(raw, backupsDir, '0001_x', new Date(Date.UTC(2026, 0, day)));
    expect(listBackups(backupsDir).map((name) => path.basename(name).slice(9, 17))).toEqual([
      '20260103',
      '20260104',
      '20260105',
      '20260106',
      '20260107',
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'a process killed while copying leaves nothing that looks like a backup (needs POSIX signals)',
    async () => {
      const { raw, close } = open();
      raw.exec(
        `insert into app_meta with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
         select 'key ' || i, hex(randomblob(400)) from n`,
      );
      close();
      const script = `
        import BetterSqlite3 from 'better-sqlite3';
        import { backUpBeforeMigration } from ${JSON.stringify(path.resolve(import.meta.dirname, 'backups.ts'))};
        const raw = new BetterSqlite3(${JSON.stringify(file)});
        for (;;) backUpBeforeMigration(raw, ${JSON.stringify(backupsDir)}, 'kill', new Date());`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        cwd: path.resolve(import.meta.dirname, '../../..'),
        stdio: 'inherit',
      });
      const copying = () =>
        existsSync(backupsDir) &&
        readdirSync(backupsDir).some(
          (name) => name.endsWith('.partial') && statSync(path.join(backupsDir, name)).size > 0,
        );
      await expect.poll(copying, { timeout: 15_000, interval: 5 }).toBe(true);
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const name of listBackups(backupsDir)) {
        const copy = new BetterSqlite3(name, { readonly: true });
        expect(copy.prepare('select count(*) from app_meta').pluck().get()).toBe(60_000);
        copy.close();
      }
      const again = open();
      backUpBeforeMigration(again.raw, backupsDir, 'after', new Date());
      expect(readdirSync(backupsDir).filter((name) => !/-before-\w+\.db$/.test(name))).toEqual([]);
    },
  );
});

describe('the runtime', () => {
  it('is refused with a sentence when better-sqlite3 would crash on it', () => {
    expect(codeOf(() => assertNodeApi('9')).message).toMatch(/npm start/);
    expect(codeOf(() => assertNodeApi(undefined)).code).toBe('internal');
    expect(() => assertNodeApi(process.versions.napi)).not.toThrow();
  });
});
