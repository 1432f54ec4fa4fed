import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBus } from '../src/core/bus.ts';
import type { CoreContext } from '../src/core/context.ts';
import { newId } from '../src/core/db/ids.ts';
import { openDatabase } from '../src/core/db/open.ts';
import { migrationsDir } from '../src/core/db/testing.ts';
import { messageHandlers } from '../src/core/messages/index.ts';
import { deriveFromSnapshot } from '../src/core/snapshots/index.ts';
import { insertMachine } from '../src/core/testing/machines.ts';
import { updateHandlers } from '../src/core/updates/index.ts';
import { dedupKey } from '../src/shared/domain/dedup.ts';
import { percentile, report, round } from './report.ts';

const MACHINES = 1_000;
const PACKAGES = 100;
/** Updates that exist: each machine waits for 100 of them. */
const UPDATES = 600;

/** Notices of each machine, and how many different ones there are. */
const NOTICES = { open: 10, acknowledged: 20, different: 60 };

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
    fillNotices(context);
    const { 'updates.fleet': list, 'updates.machines': machinesOf } = updateHandlers(context);
    const caller = { surface: 'ui', signal: new AbortController().signal } as const;
    const measure = async (call: () => unknown) => {
      const samples: number[] = [];
      for (let i = 0; i < 105; i++) {
        const started = performance.now();
        await call();
        if (i >= 5) samples.push(performance.now() - started);
      }
      return { p50Ms: round(percentile(samples, 0.5)), p99Ms: round(percentile(samples, 0.99)) };
    };
    const page = (input: { search?: string; securityOnly: boolean; offset?: number }) =>
      measure(() => list({ offset: 0, ...input, limit: 100 }, caller));
    const { 'messages.fleet': notices } = messageHandlers(context);
    const noticePage = (acknowledged: boolean) =>
      measure(() => notices({ acknowledged, offset: 0, limit: 100 }, caller));
    const { total, groups } = await list({ securityOnly: false, offset: 0, limit: 1 }, caller);
    const key = groups[0]?.key ?? '';
    report('updates-fleet', {
      machines: MACHINES,
      plannedPackages: MACHINES * PACKAGES * 2,
      updates: total,
      page: await page({ securityOnly: false }),
      lastPage: await page({ securityOnly: false, offset: UPDATES - 100 }),
      security: await page({ securityOnly: true }),
      search: await page({ securityOnly: false, search: 'package-12' }),
      machinesOfOne: await measure(() => machinesOf({ key, offset: 0, limit: 1000 }, caller)),
      openNotices: await noticePage(false),
      acknowledgedNotices: await noticePage(true),
      targetP99Ms: 10,
      // What keeping the counts costs: one machine's plans replaced by the same again, with its transaction.
      save: await measure(() => {
        save(context);
      }),
    });
  } finally {
    database.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function fillNotices({ database, now }: CoreContext): void {
  const { raw } = database;
  const at = now().toISOString();
  database.tx(() => {
    const insert = raw.prepare(
      `insert into important_messages (id, machine_id, source, category, severity, dedup_key, component, message,
         first_seen_at, last_seen_at, acknowledged)
       values (?, ?, 'apt', 'deprecation', 'warning', ?, 'http://packages.test', 'A repository says that it is old', ?, ?, ?)`,
    );
    const ids = raw.prepare('select id from machines').pluck().all() as string[];
    for (const [machine, id] of ids.entries()) {
      for (let i = 0; i < NOTICES.open + NOTICES.acknowledged; i++) {
        const key = String((machine * 7 + i) % NOTICES.different).padStart(64, '0');
        insert.run(newId(), id, key, at, at, i < NOTICES.open ? 0 : 1);
      }
    }
  });
}

/** Derives the first machine's plans again, as the saving of an analysis does. */
function save(context: CoreContext): void {
  const { raw } = context.database;
  const first = raw.prepare('select id, machine_id as machineId from snapshots limit 1').get() as {
    id: string;
    machineId: string;
  };
  const packages = Array.from({ length: PACKAGES }, (_, i) => ({
    name: `package-${i}`,
    currentVersion: '1.0-1',
    targetVersion: '1.1-1',
    origin: i % 9 === 0 ? 'Debian-Security:12/oldstable-security' : 'Debian:12.11/oldstable',
    operation: 'upgrade' as const,
    ...(i % 9 === 0 ? { severityHint: 'security' as const } : {}),
  }));
  const checkedAt = context.now().toISOString();
  context.database.tx(() => {
    deriveFromSnapshot(
      context,
      first.id,
      {
        machineId: first.machineId,
        hostname: 'host-0',
        checkedAt,
        os: { family: 'debian', version: '12' },
        status: 'updates_available',
        apt: { enabled: true, count: PACKAGES, rebootRequired: false, packages, upgradePackages: packages },
      },
      checkedAt,
    );
  });
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
