// The programs that tests and demo need besides Node, and the Debian packages that bring them.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** Program → Debian package. */
const hostTools = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  gpg: 'gnupg',
  'dpkg-deb': 'dpkg',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  flock: 'util-linux',
  mountpoint: 'util-linux',
  'ssh-keygen': 'openssh-client',
};
const testTools = { chromium: 'chromium', shellcheck: 'shellcheck' };

// sbin is not in every root's PATH (su without a dash).
const folders = () => [
  ...(process.env.PATH ?? '').split(path.delimiter),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
];

/** The first executable of that name, or null. */
export function findProgram(name) {
  for (const folder of folders()) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}

/** A browser that the end-to-end tests can drive, or null. */
export function findChromium() {
  const wanted = process.env.HOMEPORT_CHROMIUM;
  if (wanted) return existsSync(wanted) ? wanted : null;
  return findProgram('chromium') ?? findProgram('chromium-browser');
}

function missingPackages(tools) {
  return [...new Set(Object.entries(tools).flatMap(([tool, owner]) => (findProgram(tool) ? [] : [owner])))];
}

const isRoot = () => process.getuid?.() === 0;

/** Why real Debian hosts cannot be made here, as a sentence, or null. */
export function hostsUnavailable() {
  if (process.platform !== 'linux' || !isRoot()) return 'real hosts need root on Linux';
  const missing = missingPackages(hostTools);
  return missing.length > 0 ? `real hosts need ${missing.join(', ')} (Debian packages)` : null;
}

function aptGet(args) {
  const run = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  return run.status === 0;
}

/**
 * Installs what is missing with apt-get, where that is possible: as root on a Debian-family system.
 * @param {{ isBrowserNeeded: boolean }} options
 * @returns {string | null} why something is still missing
 */
export function installPackages({ isBrowserNeeded }) {
  const tools = isBrowserNeeded ? { ...hostTools, ...testTools } : hostTools;
  const missing = missingPackages(tools);
  // Without any font Chromium draws empty boxes; its package only recommends some.
  if (isBrowserNeeded && missing.includes('chromium') && !existsSync('/usr/share/fonts/truetype')) {
    missing.push('fonts-dejavu-core');
  }
  if (missing.length === 0) return null;
  const names = missing.join(', ');
  if (process.platform !== 'linux' || !findProgram('apt-get')) {
    return `missing here, and no apt-get to install them: ${names}`;
  }
  if (!isRoot())
    return `missing here: ${names}; install them with: sudo apt-get install ${missing.join(' ')}`;
  console.log(`Installing ${names} with apt-get…`);
  const isDone = aptGet(['update']) && aptGet(['-y', '--no-install-recommends', 'install', ...missing]);
  return isDone ? null : `apt-get could not install ${names}`;
}
