import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';

/** Whether this computer itself could be a machine of the fleet: its os-release names Debian or a family member. */
export function isDebianFamily(osRelease: string): boolean {
  const value = (name: string) =>
    new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(osRelease)?.[1]?.toLowerCase().split(/\s+/) ?? [];
  return [...value('ID'), ...value('ID_LIKE')].some((id) => ['debian', 'ubuntu', 'raspbian'].includes(id));
}

export function isThisComputerDebian(): boolean {
  return process.platform === 'linux' && isDebianFamily(readOsRelease());
}

export function appHandlers(
  context: CoreContext,
  app: { version: string; host: 'electron' | 'browser' | 'terminal' },
): Pick<HomeportHandlers, 'app.info'> {
  return {
    'app.info': () => ({
      ...app,
      dataDir: context.dataDir,
      platform: process.platform,
      thisComputer: {
        hostname: hostname(),
        username: userInfo().username,
        debianFamily: isThisComputerDebian(),
      },
    }),
  };
}

/** The text of os-release(5), or nothing where a system has none. */
function readOsRelease(): string {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return '';
}
