import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const sources = [
  'src',
  'resources',
  'migrations',
  'electron.vite.config.ts',
  'tsconfig.base.json',
  'package.json',
  'package-lock.json',
];
const products = ['main/index.js', 'main/gateway.js', 'preload/index.cjs', 'renderer/index.html'];

function* filesUnder(root, relative) {
  const info = statSync(path.join(root, relative), { throwIfNoEntry: false });
  if (!info) return;
  if (info.isFile()) yield [relative, info];
  if (!info.isDirectory()) return;
  for (const name of readdirSync(path.join(root, relative)).sort())
    yield* filesUnder(root, `${relative}/${name}`);
}

/** Changes when a source does: a hash of paths, sizes and modification times, so nothing is read. */
export function fingerprint(root) {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const [file, info] of filesUnder(root, source)) {
      if (!file.endsWith('.test.ts')) hash.update(`${file}\0${info.size}\0${info.mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

const stampIn = (root) => path.join(root, 'out/.built-from');

export function isBuilt(root, print = fingerprint(root)) {
  if (!products.every((file) => existsSync(path.join(root, 'out', file)))) return false;
  const stamp = stampIn(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === print;
}

/** Builds into out/ with the project's Node. @returns a sentence when it failed, else null */
export function build(root, node) {
  // Taken before: what changes while building is built again next time.
  const print = fingerprint(root);
  rmSync(stampIn(root), { force: true });
  const run = spawnSync(
    node,
    [path.join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'error'],
    { cwd: root, stdio: 'inherit' },
  );
  if (run.status !== 0)
    return `The build failed (exit code ${run.status ?? run.signal ?? run.error?.message}).`;
  mkdirSync(path.join(root, 'out'), { recursive: true });
  writeFileSync(stampIn(root), print);
  return null;
}
