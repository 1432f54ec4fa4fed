import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBus } from '../src/core/bus.ts';
import type { CoreContext } from '../src/core/context.ts';
import { newId } from '../src/core/db/ids.ts';
import { openDatabase } from '../src/core/db/open.ts';
import { migrationsDir } from '../src/core/db/testing.ts';
import { insertMachine } from '../src/core/testing/machines.ts';
import { updateHandlers } from '../src/core/updates/index.ts';
import { dedupKey } from '../src/shared/domain/dedup.ts';
import { percentile, report, round } from './report.ts';

const MACHINES = 1_000;
const PACKAGES = 100;
/** Updates that exist: each machine waits for 100 of them. */
const UPDATES = 600;

/** "This update waits on 40 machines" over 1,000 machines with 100 updates each, in both plans. */
export async function benchUpdatesFleet(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'homeport-bench-'));
  const database = openDatabase({
    file: join(dir, 'homeport.db'),
    migrationsDir,
    backupsDir: join(dir, 'backups'),
  });
  const context: CoreContext = {
    database,
    bus: createBus(),
    dataDir: dir,
    log: { info: () => undefined, error: () => undefined },
    now: () => new Date(),
  };
  try {
    fill(context);
    const list = updateHandlers(context)['updates.fleet'];
    const caller = { surface: 'ui', signal: new AbortController().signal } as const;
    const measure = async (input: { search?: string; securityOnly: boolean }) => {
      const samples: number[] = [];
      for (let i = 0; i < 45; i++) {
        const started = performance.now();
        await list({ ...input, offset: 0, limit: 100 }, caller);
        if (i >= 5) samples.push(performance.now() - started);
      }
      return { p50Ms: round(percentile(samples, 0.5)), p99Ms: round(percentile(samples, 0.99)) };
    };
    const { total } = await list({ securityOnly: false, offset: 0, limit: 1 }, caller);
    report('updates-fleet', {
      machines: MACHINES,
      plannedPackages: MACHINES * PACKAGES * 2,
      updates: total,
      page: await measure({ securityOnly: false }),
      security: await measure({ securityOnly: true }),
      search: await measure({ securityOnly: false, search: 'package-12' }),
      targetP99Ms: 250,
    });
  } finally {
    database.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function fill(context: CoreContext): void {
  const { database } = context;
  const { raw } = database;
  database.tx(() => {
    const snapshot = raw.prepare(
      `insert into snapshots (id, machine_id, kind, created_at, status, payload_json)
       values (?, ?, 'apt_update_analyze', ?, 'ok', '{}')`,
    );
    const planned = raw.prepare(
      `insert into apt_planned_packages (id, snapshot_id, machine_id, mode, name, arch, current_version, target_version,
         origin, operation, security, dedup_key) values (?, ?, ?, ?, ?, 'amd64', '1.0-1', '1.1-1', ?, 'upgrade', ?, ?)`,
    );
    for (let machine = 0; machine < MACHINES; machine++) {
      const machineId = insertMachine(context, `host-${machine}`);
      const snapshotId = newId();
      snapshot.run(snapshotId, machineId, context.now().toISOString());
      for (let i = 0; i < PACKAGES; i++) {
        const update = (machine * 7 + i) % UPDATES;
        const name = `package-${update}`;
        const security = update % 9 === 0 ? 1 : 0;
        const origin = security ? 'Debian-Security:12/oldstable-security' : 'Debian:12.11/oldstable';
        const key = dedupKey('debian', name, '1.0-1', '1.1-1', origin);
        for (const mode of ['dist_upgrade', 'upgrade']) {
          planned.run(newId(), snapshotId, machineId, mode, name, origin, security, key);
        }
      }
    }
  });
}
