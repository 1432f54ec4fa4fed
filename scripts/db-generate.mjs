// Makes a migration from the schema with drizzle-kit, then makes the tables STRICT, which drizzle-kit cannot say:
// without it SQLite takes any type into any column (https://sqlite.org/stricttables.html).
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
  const sql = readFileSync(file, 'utf8');
  writeFileSync(file, sql.replace(/^(CREATE TABLE [\s\S]*?\n)\);$/gm, '$1) STRICT;'));
}
