import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type CDPSession, type Page } from 'playwright';
import { chromiumFlags, chromiumPath } from '../e2e/support/chromium.ts';
import { startInlineHost } from '../e2e/support/inline-host.ts';
import { fillVariedFleet } from '../e2e/support/varied-fleet.ts';
import type { CoreContext } from '../src/core/context.ts';
import { newId } from '../src/core/db/ids.ts';
import { patchState, type StatePatch } from '../src/core/fleet/index.ts';
import type { Preferences } from '../src/shared/contract/models.ts';
import { percentile, report, round } from './report.ts';

const MACHINES = 1_000;
const UPDATES_PER_S = 20;
const LONG_TASK_MS = 100;
/** Growth of the collected heap over the measurement that counts as flat. */
const FLAT_MB = 4;
const root = resolve(import.meta.dirname, '..');

interface Phase {
  readonly name: string;
  readonly preferences: Partial<Preferences>;
  /** What a person does meanwhile. */
  during(page: Page, untilMs: number): Promise<void>;
}

const rest = async (_page: Page, untilMs: number): Promise<void> => {
  await pause(Math.max(0, untilMs - Date.now()));
};
/** The wheel over the list, down and up again, with the pointer in it: the order is held meanwhile. */
async function scroll(page: Page, untilMs: number): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 800 };
  await page.mouse.move(width / 2, height * 0.7);
  for (let i = 0; Date.now() < untilMs; i++) {
    await page.mouse.wheel(0, i % 60 < 30 ? 600 : -600);
    await pause(60);
  }
  await page.mouse.move(5, 5);
}

const phases: readonly Phase[] = [
  { name: 'tilesByName', preferences: { fleetView: 'tiles' }, during: rest },
  { name: 'tilesScrolled', preferences: {}, during: scroll },
  {
    name: 'tableByLoad',
    preferences: { fleetView: 'table', fleetSort: { by: 'load', direction: 'desc' } },
    during: rest,
  },
  { name: 'tableByStatus', preferences: { fleetGroup: 'status' }, during: scroll },
  {
    name: 'tilesByTag',
    preferences: {
      fleetView: 'tiles',
      fleetGroup: 'tag',
      fleetSort: { by: 'updates', direction: 'desc' },
    },
    during: scroll,
  },
  { name: 'compactByStatus', preferences: { density: 'compact', fleetGroup: 'status' }, during: rest },
];
const atStart: Partial<Preferences> = {
  fleetView: 'tiles',
  fleetSort: { by: 'name', direction: 'asc' },
  fleetGroup: 'none',
  density: 'comfortable',
};

/**
 * The fleet page in a real browser with 1,000 machines in the core's database and 20 updates a second through the core,
 * for a minute or `seconds`: tasks over 100 ms in the page, its heap after a collection before and afterwards, its CPU,
 * and the time from a change in the database to the pixels' tree.
 */
export async function benchFleetPage(seconds = 60): Promise<void> {
  if (!existsSync(chromiumPath) || !existsSync(join(root, 'out/renderer/index.html'))) {
    report('fleet-page', { skipped: 'needs Chromium and a build (npm run build)' });
    return;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  let ids: string[] = [];
  const host = await startInlineHost(dataDir, (opened) => {
    ids = fillVariedFleet(opened, MACHINES);
  });
  const { context, client } = host;
  // build-1: by name the first, so that it is in view when the list begins with it.
  const probe = ids[3] ?? '';
  const browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] });
  try {
    // Else the page asks for it, over everything else.
    await client['vault.setUp']({ with: 'passphrase', passphrase: newId() });
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    await observe(page);
    await page.goto(host.newLaunchUrl());
    await page.locator('[data-machine]').first().waitFor();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    await client['preferences.set'](atStart);
    const writer = startWriter(
      context,
      ids.filter((id) => id !== probe),
    );
    const latencies = startProbe(context, page, probe);
    // What is made once (caches, compiled code) is made before the first reading of the heap.
    await pause(Math.min(5_000, seconds * 100));
    const before = await heap(page, cdp);
    const cpuBefore = await taskSeconds(cdp);
    const started = Date.now();
    const longest: Record<string, number> = {};
    let over = 0;
    const sentBefore = writer.sent();
    for (const [index, phase] of phases.entries()) {
      await client['preferences.set'](phase.preferences);
      await phase.during(page, started + ((index + 1) / phases.length) * seconds * 1000);
      const tasks = await longTasks(page);
      longest[phase.name] = round(Math.max(0, ...tasks), 0);
      over += tasks.filter((ms) => ms > LONG_TASK_MS).length;
    }
    const elapsedS = (Date.now() - started) / 1000;
    const updates = writer.sent() - sentBefore;
    const cpu = ((await taskSeconds(cdp)) - cpuBefore) / elapsedS;
    await client['preferences.set'](atStart);
    await pause(500);
    const after = await heap(page, cdp);
    writer.stop();
    const shownAfterMs = await latencies.stop();
    const grownMb = after.usedMb - before.usedMb;
    report('fleet-page', {
      machines: MACHINES,
      seconds: round(elapsedS, 0),
      updatesPerS: round(updates / elapsedS, 1),
      longTasksOver100Ms: over,
      longestTaskMs: longest,
      heapMb: [round(before.usedMb, 1), round(after.usedMb, 1)],
      nodes: [before.nodes, after.nodes],
      pageCpuPercent: round(cpu * 100, 0),
      shownAfterMs: {
        samples: shownAfterMs.length,
        p50: round(percentile(shownAfterMs, 0.5), 0),
        p99: round(percentile(shownAfterMs, 0.99), 0),
      },
      ok: over === 0 && grownMb < FLAT_MB,
    });
  } finally {
    await browser.close();
    await host.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Real changes of state, one at a time, spread over the fleet and over time. */
function startWriter(context: CoreContext, ids: readonly string[]): { sent(): number; stop(): void } {
  let sent = 0;
  const started = Date.now();
  const timer = setInterval(() => {
    // By the clock, so that a late timer does not write less.
    const due = Math.floor(((Date.now() - started) / 1000) * UPDATES_PER_S);
    for (; sent < due; sent++) {
      const id = ids[(sent * 7) % ids.length] ?? '';
      context.database.tx(() => patchState(context, id, patchOf(sent, context.now())));
      context.bus.publish('fleet.changed', { machineIds: [id] });
    }
  }, 1000 / UPDATES_PER_S);
  return {
    sent: () => sent,
    stop: () => {
      clearInterval(timer);
    },
  };
}

const steps = ['connect', 'refresh', 'plan', 'download', 'install'] as const;
function patchOf(index: number, now: Date): StatePatch {
  switch (index % 5) {
    case 0:
      return {
        runningJobId: newId(),
        runningAction: 'apt_full_upgrade',
        runningProgressPercent: index % 100,
        runningStep: steps[index % steps.length] ?? 'connect',
      };
    case 1:
      return { runningJobId: null, runningAction: null, runningProgressPercent: null, runningStep: null };
    case 2:
      return {
        aptStatus: 'updates_available',
        aptUpdatesCount: index % 60,
        aptSecurityCount: index % 5,
        aptLastAnalyzeAt: now.toISOString(),
      };
    case 3:
      return {
        cpuLoad1: (index % 400) / 100,
        memoryUsedPercent: index % 100,
        rootUsedPercent: (index * 3) % 100,
      };
    default:
      return index % 2 === 0
        ? { status: 'unreachable', lastErrorKind: 'ssh_timeout', lastErrorMessage: 'No answer' }
        : { status: 'online', lastErrorKind: null, lastErrorMessage: null, lastErrorDataJson: null };
  }
}

/** Collects long tasks from the first script on. */
async function observe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { homeportLongTasks: tasks });
    // A type of entry that only browsers have; these are the types of Node.
    const type = 'longtask' as 'mark';
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(entry.duration);
    }).observe({ type, buffered: true });
  });
}

/** The durations of the long tasks (over 50 ms) since the last call. */
async function longTasks(page: Page): Promise<number[]> {
  await pause(100);
  return page.evaluate(() =>
    (globalThis as unknown as { homeportLongTasks: number[] }).homeportLongTasks.splice(0),
  );
}

/** The heap after a collection; the tasks of collecting are not the page's. */
async function heap(page: Page, cdp: CDPSession): Promise<{ usedMb: number; nodes: number }> {
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes } = await cdp.send('Memory.getDOMCounters');
  await longTasks(page);
  return { usedMb: usedSize / 1e6, nodes };
}

async function taskSeconds(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

/** What the probe needs of the page's document. */
interface PageTree {
  querySelector(selector: string): { readonly textContent: string } | null;
}

/**
 * Renames nothing and touches nothing that orders: the first machine's step counts up, and the time until the page's tree
 * says it is taken whenever the machine is in view.
 */
function startProbe(context: CoreContext, page: Page, id: string): { stop(): Promise<number[]> } {
  const samples: number[] = [];
  let stopped = false;
  let count = 0;
  const run = async (): Promise<void> => {
    while (!stopped) {
      await pause(700);
      const text = `probe ${count++}`;
      const shown = page
        .waitForFunction(
          ([machine, wanted]) => {
            const tree = (globalThis as unknown as { document: PageTree }).document;
            return (
              tree.querySelector(`[data-machine="${machine}"]`)?.textContent.includes(wanted) && Date.now()
            );
          },
          [id, text] as const,
          { polling: 'raf', timeout: 1_000 },
        )
        .then((handle) => handle.jsonValue());
      const wroteAt = Date.now();
      context.database.tx(() => patchState(context, id, { runningJobId: id, runningStep: text }));
      context.bus.publish('fleet.changed', { machineIds: [id] });
      // Scrolled out of view, it cannot be seen.
      const at = await shown.catch(() => null);
      if (typeof at === 'number') samples.push(at - wroteAt);
    }
  };
  const ended = run();
  return {
    async stop() {
      stopped = true;
      await ended;
      return samples;
    },
  };
}
