import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { must } from './exec.ts';

/** Program the testbed calls → the Debian package that brings it. */
const tools: Record<string, string> = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  gpg: 'gnupg',
  'dpkg-deb': 'dpkg',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  flock: 'util-linux',
  'ssh-keygen': 'openssh-client',
};

function found(program: string): boolean {
  const folders = `${process.env['PATH'] ?? ''}${delimiter}/usr/local/sbin:/usr/sbin:/sbin`.split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingPackages(): string[] {
  return [...new Set(Object.keys(tools).flatMap((tool) => (found(tool) ? [] : [tools[tool] ?? tool])))];
}

/** Why real hosts cannot be made on this machine, as a sentence for a skipped test; null when they can. */
export function unavailableReason(): string | null {
  if (process.platform !== 'linux') return 'the testbed needs root on Linux';
  if (process.getuid?.() !== 0) return 'the testbed needs root on Linux';
  const missing = missingPackages();
  if (missing.length > 0 && !found('apt-get')) {
    return `the testbed needs ${missing.join(', ')} and there is no apt-get to install them`;
  }
  if (!existsSync('/proc/self/ns/net')) return 'the testbed needs network namespaces';
  return null;
}

/** Installs what is missing with apt-get. Throws with the reason when hosts cannot be made here at all. */
export async function installRequirements(): Promise<void> {
  const reason = unavailableReason();
  if (reason !== null) throw new Error(reason);
  // sbin is not in every root's PATH (su without a dash).
  process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  const missing = missingPackages();
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await must('apt-get', ['-q', 'update'], { env });
  await must('apt-get', ['-qy', '--no-install-recommends', 'install', ...missing], { env });
}
