import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBus } from '../src/core/bus.ts';
import type { CoreContext } from '../src/core/context.ts';
import { newId } from '../src/core/db/ids.ts';
import { openDatabase } from '../src/core/db/open.ts';
import { migrationsDir } from '../src/core/db/testing.ts';
import { listEvents } from '../src/core/events/index.ts';
import { fleetHandlers, patchState } from '../src/core/fleet/index.ts';
import { insertMachine } from '../src/core/testing/machines.ts';
import { percentile, report, round } from './report.ts';

const MACHINES = 1_000;
const EVENTS = 1_000_000;

/** The fleet's first screen and its timeline on a database with 1,000 machines and 1,000,000 events. */
export async function benchDashboard(): Promise<void> {
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
    const ids = fill(context);
    const snapshot = fleetHandlers(context)['fleet.snapshot'];
    const caller = { surface: 'ui', signal: new AbortController().signal } as const;
    const snapshotMs = await sample(300, () => snapshot({}, caller));
    const timelineMs = await sample(300, () => listEvents(context, { limit: 100, withAudit: false }));
    const ofMachineMs = await sample(300, (i) =>
      listEvents(context, { machineId: ids[i % ids.length], limit: 100, withAudit: false }),
    );
    const figures = (samples: number[]) => ({
      p50Ms: round(percentile(samples, 0.5)),
      p99Ms: round(percentile(samples, 0.99)),
    });
    report('dashboard', {
      machines: MACHINES,
      events: EVENTS,
      fleetSnapshot: figures(snapshotMs),
      timeline: figures(timelineMs),
      timelineOfMachine: figures(ofMachineMs),
      targetP99Ms: 10,
    });
    database.close();
    const started = performance.now();
    openDatabase({ file: join(dir, 'homeport.db'), migrationsDir, backupsDir: join(dir, 'backups') }).close();
    report('dashboard.open', { openMs: round(performance.now() - started) });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function sample(times: number, work: (i: number) => unknown): Promise<number[]> {
  for (let i = 0; i < 20; i++) await work(i);
  const samples: number[] = [];
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    await work(i);
    samples.push(performance.now() - started);
  }
  return samples;
}

function fill(context: CoreContext): string[] {
  const { database } = context;
  const { raw } = database;
  return database.tx(() => {
    const ids = Array.from({ length: MACHINES }, (_, i) => insertMachine(context, `host-${i}`));
    for (const [i, id] of ids.entries()) {
      patchState(context, id, {
        status: 'online',
        aptStatus: i % 3 === 0 ? 'updates_available' : 'ok',
        aptUpdatesCount: i % 3 === 0 ? i % 40 : 0,
        aptSecurityCount: i % 7 === 0 ? 2 : 0,
        aptRebootRequired: i % 11 === 0,
        aptLastAnalyzeAt: context.now().toISOString(),
      });
    }
    const insert = raw.prepare(
      `insert into machine_events (id, machine_id, event_type, severity, created_at, message, payload_json)
       values (?, ?, ?, 'info', ?, ?, ?)`,
    );
    const first = Date.now() - EVENTS * 1000;
    for (let i = 0; i < EVENTS; i++) {
      const type = i % 4 === 0 ? 'secret_decrypted' : 'machine.analyzed';
      const at = new Date(first + i * 1000).toISOString();
      insert.run(newId(), ids[i % MACHINES], type, at, 'An event of the bench', '{"updates":3}');
    }
    return ids;
  });
}
