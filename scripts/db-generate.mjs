// Makes a migration from the schema with drizzle-kit, then mends what drizzle-kit gets wrong or cannot say:
// - tables are STRICT: without it SQLite takes any type into any column (https://sqlite.org/stricttables.html)
// - a table that is made anew is filled from the columns that it had, not from those that it gets
// - a descending index of such a table is of a column, not of one called `"column" desc`
// - foreign keys are switched off by what applies migrations; within a transaction the pragma does nothing
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const migrations = path.join(root, 'migrations');
const present = () => new Set(readdirSync(migrations).filter((name) => name.endsWith('.sql')));

const before = present();
const { status } = spawnSync('npx', ['drizzle-kit', 'generate', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) process.exit(status ?? 1);

for (const name of present()) {
  if (before.has(name)) continue;
  const file = path.join(migrations, name);
  const former = columnsBefore(name);
  const sql = readFileSync(file, 'utf8')
    .replace(/^(CREATE TABLE [\s\S]*?\n)\);$/gm, '$1) STRICT;')
    .replace(/^PRAGMA foreign_keys=\w+;--> statement-breakpoint\n/gm, '')
    .replace(/`("\w+" desc)`/g, '$1')
    .replace(/^INSERT INTO `__new_(\w+)`\(([^)]*)\) SELECT [^;]* FROM `\w+`;/gm, (_whole, table, columns) => {
      const kept = columns.split(', ').filter((column) => former(table).has(column.slice(1, -1)));
      return `INSERT INTO \`__new_${table}\`(${kept.join(', ')}) SELECT ${kept.join(', ')} FROM \`${table}\`;`;
    });
  writeFileSync(file, sql);
}

/** The columns of each table before the migration of this name, from drizzle-kit's own record. */
function columnsBefore(name) {
  const number = String(Number(name.slice(0, 4)) - 1).padStart(4, '0');
  const snapshot = JSON.parse(readFileSync(path.join(migrations, 'meta', `${number}_snapshot.json`), 'utf8'));
  return (table) => new Set(Object.keys(snapshot.tables[table].columns));
}
