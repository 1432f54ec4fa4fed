import type { HostFacts, SnapshotError } from '../../shared/domain/snapshot.ts';
import { failureError } from './apt-facts.ts';
import { identifyMachine, type MachineIdentity } from './machine-kind.ts';
import { parseMetrics } from './metrics.ts';
import { identifyOs, parseOsRelease, type OsIdentity } from './os-release.ts';
import { keyedLines, type Sections } from './sections.ts';

/** Who the machine is and how it does, from the sections that every analysis has. */
export interface Host {
  readonly hostname: string;
  readonly os: OsIdentity;
  readonly machine: MachineIdentity;
  readonly facts: HostFacts;
}

/**
 * Never fails: what the machine does not tell is absent or `unknown`, and told as an error where it matters.
 * @param rootsContainer tells the container that the newest look as root found. Without systemd only root can read that a
 *   machine is one (`/proc/1/environ`), so the look of another user does not change it
 */
export function readHost(
  sections: Sections,
  errors: SnapshotError[],
  rootsContainer: () => string | null = () => null,
): Host {
  const ids = keyedLines(sections.get('ids') ?? '');
  const virt = sections.get('virt') ?? '';
  const platform = sections.get('platform') ?? '';
  const hints = keyedLines(platform);
  const release = parseOsRelease(sections.get('os') ?? '');
  if (!release.ok) errors.push({ ...failureError(release.error), source: 'system' });
  const os = identifyOs(release.ok ? release.value : new Map(), {
    pveVersion: hints.get('pveversion')?.[0],
    isRaspberryPiOs: hints.has('rpi-issue'),
  });
  const asRoot = ids.has('uid') ? ids.get('uid')?.[0] === '0' : null;
  const machine = identifyMachine(virt, platform, asRoot === true ? null : rootsContainer());
  const versions = keyedLines(sections.get('versions') ?? '');
  const uptime = /^(\d+(?:\.\d+)?) /.exec(sections.get('uptime') ?? '')?.[1];
  const bootId = /^[0-9a-f-]{36}$/.exec((sections.get('boot') ?? '').trim())?.[0];
  const optional = <Key extends keyof HostFacts>(key: Key, value: HostFacts[Key] | null | undefined) =>
    value === null || value === undefined ? {} : { [key]: value };
  const facts: HostFacts = {
    ...parseMetrics(sections.get('metrics') ?? ''),
    ...optional('architecture', ids.get('architecture')?.[0]),
    ...optional('bootId', bootId),
    ...optional('uptimeSeconds', uptime === undefined ? null : Number(uptime)),
    ...optional('runningKernel', keyedLines(sections.get('kernel') ?? '').get('running')?.[0]),
    ...optional('virtualization', machine.virtualization),
    ...optional('aptVersion', versions.get('apt')?.[0]),
    ...optional('dpkgVersion', versions.get('dpkg')?.[0]),
    ...optional('asRoot', asRoot),
  };
  return { hostname: ids.get('hostname')?.[0] ?? '', os, machine, facts };
}
