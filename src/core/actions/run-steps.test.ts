import { describe, expect, it } from 'vitest';
import { endSteps, enterStep, failWorkBefore, runningStep, startSteps, stepPercent } from './run-steps.ts';

const states = (steps: ReturnType<typeof startSteps>) => steps.map((s) => `${s.name}:${s.status}`);

describe('steps of a run', () => {
  const fresh = startSteps(['connect', 'download', 'install']);

  it('ends a step when the next begins and skips what was jumped over', () => {
    const connected = enterStep(fresh, 'connect', 't1');
    expect(states(enterStep(connected, 'install', 't2'))).toEqual([
      'connect:ok',
      'download:skipped',
      'install:running',
    ]);
  });

  it('never lets a percentage fall', () => {
    const at40 = stepPercent(enterStep(fresh, 'download', 't'), 'download', 40);
    expect(runningStep(stepPercent(at40, 'download', 30))?.percent).toBe(40);
    expect(runningStep(stepPercent(at40, 'download', 400))?.percent).toBe(100);
  });

  it('marks the running step as the one that failed', () => {
    const failed = endSteps(enterStep(fresh, 'download', 't1'), 'error', 't2');
    expect(states(failed)).toEqual(['connect:skipped', 'download:error', 'install:skipped']);
  });

  it('blames the work that failed, not the report about it', () => {
    const begun = enterStep(startSteps(['launch', 'plan', 'install', 'verify', 'report']), 'launch', 't1');
    const reported = enterStep(enterStep(enterStep(begun, 'plan', 't2'), 'verify', 't3'), 'report', 't4');
    expect(states(failWorkBefore(endSteps(reported, 'ok', 't5'), 'verify'))).toEqual([
      'launch:ok',
      'plan:error',
      'install:skipped',
      'verify:ok',
      'report:ok',
    ]);
  });

  it('keeps the first start when a step is entered again', () => {
    const again = enterStep(enterStep(enterStep(fresh, 'connect', 't1'), 'install', 't2'), 'connect', 't3');
    expect(runningStep(again)?.startedAt).toBe('t1');
  });
});
