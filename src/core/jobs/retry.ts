import type { ErrorKind } from '../../shared/domain/errors.ts';

/** How often an action that may be repeated is tried, the first time included. */
export const MAX_ATTEMPTS = 3;

/** Wait before the second attempt and before each further one. */
const BACKOFF_MS = [5_000, 20_000] as const;

/**
 * The failures that may pass within seconds, by themselves. Nothing else is tried again: a wrong password or an unknown host
 * key stays wrong and repeating it locks accounts, a name that is not found is mostly mistyped, a repository is
 * tried again by APT itself, and what could not be understood will not be understood the second time.
 */
const mayPass: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'ssh_unreachable',
  'ssh_connection_refused',
  'ssh_timeout',
  'ssh_connection_lost',
  'ssh_channel_refused',
  'ssh_jump_failed',
  'apt_lock_busy',
  'database_busy',
]);

/**
 * Milliseconds until the next attempt after one that failed, or null when there is none.
 * @param attempt attempts made so far, this one included
 */
export function retryDelayMs(
  kind: ErrorKind,
  attempt: number,
  maxAttempts: number,
  idempotent: boolean,
): number | null {
  if (!idempotent || attempt >= maxAttempts || !mayPass.has(kind)) return null;
  return BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1] ?? null;
}
