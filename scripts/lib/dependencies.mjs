import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return null;
  }
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes what it installed into a lockfile of its own, as
 * its last step, so an interrupted installation is not taken for a whole one. Optional packages may be of another platform.
 */
export function isInstalled(root) {
  const wanted = readPackages(path.join(root, 'package-lock.json'));
  const found = readPackages(path.join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(
    ([name, entry]) =>
      name === '' ||
      entry.link === true ||
      (found[name] ? found[name].version === entry.version : entry.optional === true),
  );
}

/** How to call the npm that runs this script, or the one on the PATH. */
export function npmCommand(env = process.env) {
  const script = env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script))
    return { file: process.execPath, args: [script], shell: false };
  return { file: 'npm', args: [], shell: process.platform === 'win32' };
}

/**
 * `npm ci` without any package's scripts. Warnings are left out: the Node that runs npm here is too old for some packages,
 * and the one that will run them comes with them.
 * @returns a sentence when it failed, else null */
export function install(root) {
  const npm = npmCommand();
  const run = spawnSync(
    npm.file,
    [
      ...npm.args,
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--include=dev',
      '--include=optional',
    ],
    { cwd: root, stdio: 'inherit', shell: npm.shell },
  );
  if (run.status === 0) return null;
  if (run.error)
    return `npm could not be started (${run.error.message}). It comes with Node: https://nodejs.org/.`;
  return (
    `npm ci failed (exit code ${run.status ?? run.signal}). What npm printed above says why; without a network it needs a ` +
    'filled cache (npm ci --prefer-offline) or a registry that can be reached.'
  );
}
