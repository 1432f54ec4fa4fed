import type { HostSpec } from '../testbed/index.ts';

/** The machines of the suite. Upgrades use them up, so each host of the application has its own set. */

const roles = {
  job: { packages: ['default', 'slow'], slowSeconds: 6 },
  kill: { packages: ['plain', 'slow', 'chatty'], slowSeconds: 12, sudo: 'separate', auth: 'key' },
  login: { packages: ['plain'] },
  rekey: { packages: ['plain'] },
  nosudo: { packages: ['plain'], sudo: 'none' },
  link: { packages: ['plain', 'slow'], slowSeconds: 30 },
  power: { packages: ['plain', 'slow'], slowSeconds: 60 },
  looks: { packages: ['default'], rebootPending: true },
  busy: { packages: ['plain'] },
  keys: { packages: ['plain', 'secure'] },
  chosen: { packages: ['plain', 'plain2', 'kept'] },
  changed: { packages: ['plain', 'plain2', 'plain3'] },
  reboot: { packages: ['clean'], rebootPending: true },
  manage: { packages: ['plain'] },
  notice: { packages: ['plain', 'slow'], slowSeconds: 3 },
  hardware: { packages: ['clean'] },
  reports: { packages: ['plain', 'plain2'] },
  terminal: { packages: ['clean'] },
  windows: { packages: ['clean'] },
  schedule: { packages: ['plain', 'secure'] },
  files: { packages: ['clean'] },
  broken: { packages: ['plain', 'slow'], slowSeconds: 5 },
  asked: { packages: ['plain', 'plain2'] },
  one: { packages: ['plain'] },
  other: { packages: ['plain'] },
} as const satisfies Record<string, Omit<HostSpec, 'name'>>;

export type Role = keyof typeof roles;
export const hostNames = ['browser', 'electron-sim', 'electron'] as const;
/** What the application runs in. */
export type HostName = (typeof hostNames)[number];

export const machineName = (role: Role, host: HostName): string => `${role}-${host}`;

/** The hosts to make for these hosts of the application. */
export function fleetFor(hosts: readonly HostName[], publicKey: string): HostSpec[] {
  return hosts.flatMap((host) =>
    Object.entries(roles).map(([role, spec]) => ({
      ...spec,
      name: machineName(role as Role, host),
      authorizedKeys: [publicKey],
    })),
  );
}
