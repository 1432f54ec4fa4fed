import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionDeps } from '../src/core/actions/index.ts';
import { createBus } from '../src/core/bus.ts';
import type { CoreContext } from '../src/core/context.ts';
import { openDatabase } from '../src/core/db/open.ts';
import { migrationsDir } from '../src/core/db/testing.ts';
import { fleetViewHandlers, patchState } from '../src/core/fleet/index.ts';
import { scheduleHandlers, type Schedules } from '../src/core/schedules/index.ts';
import { insertMachine } from '../src/core/testing/machines.ts';
import type { ScheduleScope } from '../src/shared/contract/schedules.ts';
import { percentile, report, round } from './report.ts';

const MACHINES = 1_000;
const TAGS = 20;
const caller = { surface: 'ui', signal: new AbortController().signal } as const;

/** The preview of each kind of scope of a schedule over 1,000 machines with three tags each. */
export async function benchScheduleScope(): Promise<void> {
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
    const { id: viewId, name: viewName } = await fleetViewHandlers(context)['fleetViews.save'](
      {
        name: 'Wary',
        definition: {
          filter: 'withSecurity',
          query: 'debian -tag-3',
          layout: 'table',
          sort: { by: 'name', direction: 'asc' },
          group: 'none',
          columns: [],
        },
      },
      caller,
    );
    const exceptTagIds = ['tag-1'];
    const scopes: Record<string, ScheduleScope> = {
      all: { by: 'all', exceptTagIds },
      machines: { by: 'machines', machineIds: ids },
      filter: {
        by: 'filter',
        tagIds: ['tag-2', 'tag-5'],
        groups: [],
        kinds: [],
        search: 'host-1',
        exceptTagIds,
      },
      search: { by: 'search', query: 'mises a jour -"tag-3"', filter: 'machines', exceptTagIds },
      view: { by: 'view', viewId, viewName, exceptTagIds },
    };
    // Neither the runner nor hosts are asked for a preview.
    const { 'schedules.scope': preview } = scheduleHandlers(context, {} as Schedules, {} as ActionDeps);
    const figures: Record<string, unknown> = {};
    for (const [kind, scope] of Object.entries(scopes)) {
      const samples: number[] = [];
      const cpu: number[] = [];
      let found = 0;
      for (let i = 0; i < 220; i++) {
        const started = performance.now();
        const usedBefore = process.cpuUsage();
        found = (await preview({ scope }, caller)).total;
        const { user, system } = process.cpuUsage(usedBefore);
        if (i < 20) continue;
        samples.push(performance.now() - started);
        cpu.push((user + system) / 1_000);
      }
      figures[kind] = {
        found,
        p50Ms: round(percentile(samples, 0.5)),
        p99Ms: round(percentile(samples, 0.99)),
        // What the processor did for it, which a busy machine changes least.
        p50CpuMs: round(percentile(cpu, 0.5)),
      };
    }
    report('schedule-scope', { machines: MACHINES, ...figures, targetP99Ms: 10 });
  } finally {
    database.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function fill(context: CoreContext): string[] {
  const { raw } = context.database;
  return context.database.tx(() => {
    for (let i = 0; i < TAGS; i++) {
      raw.prepare("insert into tags (id, name, created_at) values (?, ?, 't')").run(`tag-${i}`, `tag-${i}`);
    }
    const tag = raw.prepare('insert into machine_tags (machine_id, tag_id) values (?, ?)');
    const system = raw.prepare("update machines set os_family = 'debian', os_version = '13' where id = ?");
    return Array.from({ length: MACHINES }, (_, i) => {
      const id = insertMachine(context, `host-${i}`);
      for (const step of [0, 5, 9]) tag.run(id, `tag-${(i + step) % TAGS}`);
      system.run(id);
      patchState(context, id, {
        status: 'online',
        aptStatus: i % 3 === 0 ? 'updates_available' : 'ok',
        aptUpdatesCount: i % 3 === 0 ? (i % 40) + 1 : 0,
        aptSecurityCount: i % 9 === 0 ? 2 : 0,
        aptRebootRequired: i % 11 === 0,
        aptLastAnalyzeAt: context.now().toISOString(),
      });
      return id;
    });
  });
}
