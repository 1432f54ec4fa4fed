import type { RunStep } from '../../shared/contract/models.ts';

/**
 * The steps of a run as pure values. Entering a step ends the one before it; a step entered late skips those between.
 * Percentages never go back within a step.
 */
export function startSteps(names: readonly string[]): RunStep[] {
  return names.map((name) => ({
    name,
    status: 'pending',
    startedAt: null,
    finishedAt: null,
    percent: null,
    detail: null,
  }));
}

export function enterStep(
  steps: readonly RunStep[],
  name: string,
  now: string,
  detail: string | null = null,
): RunStep[] {
  const at = steps.findIndex((step) => step.name === name);
  if (at < 0) return [...steps];
  return steps.map((step, i) => {
    if (i === at) {
      if (step.status === 'running') return { ...step, detail: detail ?? step.detail };
      return { ...step, status: 'running', startedAt: step.startedAt ?? now, finishedAt: null, detail };
    }
    if (i > at) return step;
    if (step.status === 'running') return ended(step, 'ok', now);
    if (step.status === 'pending') return { ...step, status: 'skipped' };
    return step;
  });
}

/** What ended well is complete: APT's last line comes before the last piece of work. */
function ended(step: RunStep, status: 'ok' | 'error', now: string): RunStep {
  const percent = status === 'ok' && step.percent !== null ? 100 : step.percent;
  return { ...step, status, finishedAt: now, percent };
}

export function stepPercent(steps: readonly RunStep[], name: string, percent: number): RunStep[] {
  return steps.map((step) =>
    step.name === name ? { ...step, percent: Math.max(step.percent ?? 0, Math.min(100, percent)) } : step,
  );
}

export function stepDetail(steps: readonly RunStep[], name: string, detail: string | null): RunStep[] {
  return steps.map((step) => (step.name === name ? { ...step, detail } : step));
}

/** Ends the run: the running step takes `status`, what never began is skipped. */
export function endSteps(steps: readonly RunStep[], status: 'ok' | 'error', now: string): RunStep[] {
  return steps.map((step) => {
    if (step.status === 'running') return ended(step, status, now);
    if (step.status === 'pending') return { ...step, status: 'skipped' };
    return step;
  });
}

/**
 * Blames the piece of work that was under way when the run failed: the last one that was begun before step `name`. That a
 * report of the failure could be written is not what failed.
 */
export function failWorkBefore(steps: readonly RunStep[], name: string): RunStep[] {
  const until = steps.findIndex((step) => step.name === name);
  const at = steps.slice(0, Math.max(0, until)).findLastIndex((step) => step.status === 'ok');
  return steps.map((step, i) => (i === at ? { ...step, status: 'error', percent: null } : step));
}

export function runningStep(steps: readonly RunStep[]): RunStep | undefined {
  return steps.find((step) => step.status === 'running');
}
