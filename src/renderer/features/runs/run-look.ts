import type { ExecutionStatus } from '../../../shared/domain/unions.ts';

/** How each status of a run looks; interrupted is not failed: nobody knows how it ended. */
export const runLooks = {
  running: 'running',
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  cancelled: 'cancelled',
  interrupted: 'unknown',
} as const satisfies Record<ExecutionStatus, string>;
