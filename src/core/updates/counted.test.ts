import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { AptPackage, UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { aptPlannedPackages, machines, snapshots } from '../db/schema/index.ts';
import { updateMachine } from '../machines/index.ts';
import { rebuildDerived } from '../maintenance/index.ts';
import { deriveFromSnapshot } from '../snapshots/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';

/** A small generator of our own, so that a failure is repeated by its seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Few names, so that machines share updates; doubles on purpose: one update of two architectures has one key. */
function randomPlan(random: (below: number) => number): AptPackage[] {
  return Array.from({ length: random(8) }, () => {
    const name = `p${random(6)}`;
    const security = random(3) === 0;
    return {
      name,
      currentVersion: random(4) === 0 ? null : '1',
      targetVersion: `${2 + random(2)}`,
      origin: 'Debian:13/stable',
      ...(random(4) === 0 ? { arch: 'i386' } : {}),
      operation: random(6) === 0 ? ('remove' as const) : ('upgrade' as const),
      ...(security ? { severityHint: 'security' as const } : {}),
    };
  });
}

function save(context: CoreContext, machineId: string, random: (below: number) => number): void {
  const id = newId();
  const createdAt = context.now().toISOString();
  const snapshot: UpdateSnapshot = {
    machineId,
    hostname: 'h',
    checkedAt: createdAt,
    os: { family: 'debian', version: '13' },
    status: 'updates_available',
    apt: {
      enabled: true,
      count: 0,
      rebootRequired: false,
      packages: randomPlan(random),
      upgradePackages: randomPlan(random),
    },
  };
  context.database.tx(() => {
    context.database.db
      .insert(snapshots)
      .values({
        id,
        machineId,
        kind: 'apt_update_analyze',
        createdAt,
        status: 'ok',
        payloadJson: JSON.stringify(snapshot),
      })
      .run();
    deriveFromSnapshot(context, id, snapshot, createdAt);
  });
}

/** The counted table, and the same counted from the plans. */
function counts(context: CoreContext): { kept: unknown[]; recounted: unknown[] } {
  const { raw } = context.database;
  return {
    kept: raw
      .prepare(
        `select dedup_key as key, name, current_version as "from", target_version as "to",
           machine_count as machines, security_count as security from fleet_updates order by dedup_key`,
      )
      .all(),
    recounted: raw
      .prepare(
        `select p.dedup_key as key, p.name, p.current_version as "from", p.target_version as "to",
           count(distinct p.machine_id) as machines,
           count(distinct case when p.security = 1 then p.machine_id end) as security
         from apt_planned_packages p join machines m on m.id = p.machine_id
         where p.mode = 'dist_upgrade' and m.deleted_at is null group by p.dedup_key order by p.dedup_key`,
      )
      .all(),
  };
}

describe('the counted updates', () => {
  it.each([1, 2, 3, 4, 5])('equal the recount after any sequence of writes (seed %i)', (seed) => {
    const context = testContext();
    const random = randomOf(seed);
    const { db } = context.database;
    const ids: string[] = [];
    let most = 0;
    for (let step = 0; step < 120; step++) {
      const id = ids[random(Math.max(1, ids.length))];
      const what = random(12);
      if (id === undefined || (what === 0 && ids.length < 12)) {
        ids.push(insertMachine(context, `m${step}`));
      } else if (what <= 6) {
        save(context, id, random);
      } else if (what === 7) {
        updateMachine(context, id, { deletedAt: context.now().toISOString() });
      } else if (what === 8) {
        updateMachine(context, id, { deletedAt: null, name: `n${step}` });
      } else if (what === 9) {
        db.delete(snapshots).where(eq(snapshots.machineId, id)).run();
      } else if (what === 10 && random(3) === 0) {
        db.delete(machines).where(eq(machines.id, id)).run();
        ids.splice(ids.indexOf(id), 1);
      } else if (what === 11 && random(3) === 0) {
        rebuildDerived(context);
      }
      const { kept, recounted } = counts(context);
      expect(kept, `step ${step}, write ${what}`).toEqual(recounted);
      most = Math.max(most, kept.length);
    }
    expect(most).toBeGreaterThan(3);
  });

  it('a write that is rolled back is not counted', () => {
    const context = testContext();
    const id = insertMachine(context, 'a');
    save(context, id, randomOf(3));
    const before = counts(context).kept;
    expect(before.length).toBeGreaterThan(0);
    expect(() =>
      context.database.tx(() => {
        save(context, id, randomOf(4));
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(counts(context).kept).toEqual(before);
  });

  it('are put right by a rebuild when something else wrote them', () => {
    const context = testContext();
    save(context, insertMachine(context, 'a'), randomOf(3));
    context.database.raw.exec('update fleet_updates set machine_count = 7, security_count = 3');
    rebuildDerived(context);
    const { kept, recounted } = counts(context);
    expect(kept).toEqual(recounted);
  });

  it('refuse a change of a planned package in place, which nobody would count', () => {
    const context = testContext();
    save(context, insertMachine(context, 'a'), randomOf(3));
    expect(() => context.database.db.update(aptPlannedPackages).set({ mode: 'upgrade' }).run()).toThrow(
      /replaced, never changed/,
    );
  });
});
