import type { HostKind, HostSpec } from './spec.ts';

/** A varied fleet for the demo and for trying things by hand. */

const fleet: readonly HostSpec[] = [
  { name: 'nas', sudo: 'password', packages: ['default', 'slow'] },
  { name: 'web-1', sudo: 'nopasswd', packages: ['plain', 'plain2', 'secure', 'conf'] },
  { name: 'db-primary', sudo: 'separate', packages: ['secure', 'held', 'kept', 'swap'] },
  { name: 'mail', sudo: 'password', packages: ['clean'] },
  { name: 'backup', sudo: 'root', packages: ['plain', 'auto'], rebootPending: true },
  { name: 'media', sudo: 'password', shell: 'fish', packages: ['plain', 'slow', 'big'] },
  { name: 'bureau', sudo: 'password', locale: 'fr_FR.UTF-8', packages: ['default'] },
  { name: 'build-1', sudo: 'nopasswd', noisy: true, packages: ['plain', 'plain2', 'chatty'] },
  { name: 'git', sudo: 'none', packages: ['plain', 'secure'] },
  { name: 'print', sudo: 'missing', packages: ['plain3', 'fail'] },
  { name: 'web-2', sudo: 'nopasswd', packages: ['plain', 'secure'] },
  { name: 'monitor', sudo: 'password', shell: 'tcsh', packages: ['clean'], rebootPending: true },
];

/** The first `count` hosts of the fleet; beyond its end they repeat under numbered names. */
export function fleetOf(count: number, kind: HostKind): HostSpec[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / fleet.length);
    const spec = fleet[index % fleet.length];
    if (spec === undefined) throw new Error('the fleet is empty');
    return { ...spec, kind, name: round === 0 ? spec.name : `${spec.name}-n${round + 1}` };
  });
}
