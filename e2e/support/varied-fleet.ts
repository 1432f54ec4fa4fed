import { join, resolve } from 'node:path';
import type { CoreContext } from '../../src/core/context.ts';
import { newId } from '../../src/core/db/ids.ts';
import { machineHostKeys, machines, machineTags, tags } from '../../src/core/db/schema/index.ts';
import { patchState, type StatePatch } from '../../src/core/fleet/index.ts';
import type { CoreOptions } from '../../src/core/index.ts';

const root = resolve(import.meta.dirname, '../..');

/** How tools open a core in their own process: no key store, nothing logged but errors. */
export function coreOptions(dataDir: string): CoreOptions {
  return {
    dataDir,
    resourcesDir: join(root, 'resources'),
    migrationsDir: join(root, 'migrations'),
    host: 'browser',
    version: '0.0.0-tool',
    wrappers: [],
    log: { info: () => undefined, error: (message, data) => console.error(message, data) },
  };
}

const roles = ['web', 'db', 'mail', 'build', 'cache', 'git', 'dns', 'pve', 'nas', 'kiosk'] as const;
const systems = [
  { osFamily: 'debian', osVersion: '13.2', osCodename: 'trixie' },
  { osFamily: 'debian', osVersion: '12.11', osCodename: 'bookworm' },
  { osFamily: 'ubuntu', osVersion: '24.04', osCodename: 'noble' },
  { osFamily: 'proxmox', osVersion: '9.1', osCodename: 'trixie' },
  { osFamily: 'raspbian', osVersion: '12', osCodename: 'bookworm' },
] as const;
const kinds = ['vm', 'lxc', 'physical', 'proxmox_host', 'raspberry_pi', 'workstation'] as const;
const tagNames = [
  ['production', '#2f7d4f'],
  ['staging', '#8a6d1f'],
  ['Lyon', '#3f6fb5'],
  ['Montréal', '#9a4fb0'],
  ['on call', '#b5473f'],
] as const;

/** Names as fleets have them, and a few as nobody should have them. */
function nameOf(index: number): string {
  const role = roles[index % roles.length] ?? 'web';
  const number = Math.floor(index / roles.length) + 1;
  if (index % 97 === 13) return `${role}-${number}.a-rather-long-name.of.a.department.in.lyon.example.test`;
  if (index % 101 === 50) return `Serveur de développement n° ${number} (salle machines, baie 4)`;
  return `${role}-${number}`;
}

/** What a machine of this place shows: most are fine, some want something, a few have failed, some are not known. */
function stateOf(index: number, now: Date): StatePatch & { status: 'online' | 'unreachable' | 'unknown' } {
  const ago = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString();
  if (index % 41 === 7) return { status: 'unknown' };
  const metrics = {
    cpuLoad1: ((index * 37) % 300) / 100,
    memoryUsedPercent: 12 + ((index * 13) % 84),
    rootUsedPercent: 8 + ((index * 29) % 90),
  };
  const failed = index % 23 === 11;
  const updates = index % 3 === 0 ? 1 + ((index * 7) % 60) : 0;
  const security = index % 7 === 0 ? Math.min(updates, 1 + (index % 4)) : 0;
  return {
    status: failed ? 'unreachable' : 'online',
    aptStatus: updates > 0 ? 'updates_available' : 'ok',
    aptUpdatesCount: updates,
    aptSecurityCount: security,
    aptRebootRequired: index % 11 === 0,
    aptLastAnalyzeAt: ago((index * 17) % 2_000),
    aptListsAt: ago(((index * 17) % 2_000) + 30),
    ...metrics,
    ...(failed && {
      lastErrorKind: 'ssh_timeout' as const,
      lastErrorMessage: 'The host did not answer',
      lastErrorDataJson: JSON.stringify({ hostname: `198.51.100.${index % 254}`, port: 22 }),
    }),
  };
}

/** Fills a database with machines as a user of years would have them, every key approved. Returns their ids in order. */
export function fillVariedFleet(context: CoreContext, count: number): string[] {
  const { db } = context.database;
  const now = context.now();
  const at = now.toISOString();
  return context.database.tx(() => {
    const tagIds = tagNames.map(([name, color]) => {
      const id = newId();
      db.insert(tags).values({ id, name, color, createdAt: at }).run();
      return id;
    });
    return Array.from({ length: count }, (_, index) => {
      const id = newId();
      const hostname = `198.51.100.${index % 254}`;
      const port = index < 254 ? 22 : 2200 + Math.floor(index / 254);
      const state = stateOf(index, now);
      db.insert(machines)
        .values({
          id,
          name: nameOf(index),
          hostname,
          port,
          username: 'ops',
          ...systems[(index * 3 + Math.floor(index / 10)) % systems.length]!,
          arch: 'amd64',
          machineKind: kinds[(index + Math.floor(index / 10)) % kinds.length]!,
          status: state.status,
          createdAt: at,
          updatedAt: at,
          lastSeenAt: state.status === 'unknown' ? null : at,
        })
        .run();
      const fingerprintSha256 = `SHA256:${id.replaceAll('-', '').padEnd(43, 'A')}`;
      db.insert(machineHostKeys)
        .values({
          id: newId(),
          machineId: id,
          hostname,
          port,
          fingerprintSha256,
          status: 'approved',
          firstSeenAt: at,
          lastSeenAt: at,
        })
        .run();
      for (const [place, tagId] of tagIds.entries()) {
        if ((index + place) % (3 + place) === 0)
          db.insert(machineTags).values({ machineId: id, tagId }).run();
      }
      patchState(context, id, state);
      return id;
    });
  });
}
