import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const resources = resolve(import.meta.dirname, '../../resources');

/**
 * A copy of `resources/` whose scripts wait so many seconds for another's lock, where they wait minutes otherwise.
 * @throws when a script no longer has that variable
 */
export function resourcesWaitingFor(folder: string, lockWaitSeconds: number): string {
  cpSync(resources, folder, { recursive: true });
  for (const name of ['apt_refresh_analyze', 'apt_apply_plan', 'apt_repair', 'apt_clean']) {
    const file = join(folder, 'templates', `${name}.sh.mustache`);
    const text = readFileSync(file, 'utf8');
    const changed = text.replace(/("lockWaitSeconds": \{[^}]*"default": )\d+/, `$1${lockWaitSeconds}`);
    if (changed === text) throw new Error(`${name} has no lockWaitSeconds`);
    writeFileSync(file, changed);
  }
  return folder;
}
