import type { ReportOutcome } from '../../../shared/domain/unions.ts';

/** How each outcome looks; stopped is a bulk run that a failure ended early. */
export const outcomeLooks = {
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  cancelled: 'cancelled',
  interrupted: 'unknown',
  stopped: 'error',
} as const satisfies Record<ReportOutcome, string>;
