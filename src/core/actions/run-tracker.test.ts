import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newId } from '../db/ids.ts';
import { executionById, insertExecution } from '../executions/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import type { ActionDeps } from './deps.ts';
import { createTracker } from './run-tracker.ts';
import type { ActionJob } from './types.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function tracked() {
  const context = testContext();
  const executionId = newId();
  insertExecution(context, {
    id: executionId,
    machineId: insertMachine(context, 'nas'),
    action: 'apt_full_upgrade',
    mode: 'manual',
    startedAt: '2026-07-01T10:00:00.000Z',
    status: 'running',
    stepsJson: JSON.stringify(
      ['download', 'install', 'verify'].map((name) => ({
        name,
        status: 'pending',
        startedAt: null,
        finishedAt: null,
        percent: null,
        detail: null,
      })),
    ),
  });
  const job = { progress: () => undefined } as unknown as ActionJob;
  const tracker = createTracker({ context } as unknown as ActionDeps, job, executionId);
  return { tracker, context, stored: () => executionById(context, executionId) };
}

const installing = (percent: number) =>
  ({ kind: 'install', percent, text: 'hp-slow', package: 'hp-slow' }) as const;

it('writes the last that was told, although nothing follows it', () => {
  const { tracker, stored } = tracked();
  tracker.apply(installing(20));
  tracker.apply(installing(40));
  expect(stored()).toMatchObject({ currentStep: 'install', progressPercent: null });
  vi.advanceTimersByTime(300);
  expect(stored()).toMatchObject({ currentStep: 'install', progressPercent: 40 });
  tracker.close();
});

it('writes at most four times a second', () => {
  const { tracker, context, stored } = tracked();
  let writes = 0;
  context.database.raw.function('noted', () => (writes += 1));
  context.database.raw.exec(
    'create temp trigger counted after update of progress_percent on executions begin select noted(); end',
  );
  for (let percent = 1; percent <= 90; percent += 1) {
    tracker.apply(installing(percent));
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(300);
  expect(stored().progressPercent).toBe(90);
  expect(writes).toBeLessThanOrEqual(9);
  tracker.close();
});

it('writes nothing more once the run has ended', () => {
  const { tracker, stored } = tracked();
  tracker.apply(installing(20));
  tracker.end('ok');
  const ended = stored();
  vi.advanceTimersByTime(1_000);
  expect(stored()).toEqual(ended);
  tracker.close();
});
