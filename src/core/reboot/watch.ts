import type { RebootOutcome } from '../../shared/domain/unions.ts';

/** What one try to reach the machine found. */
export type Sighting =
  /** A login worked. `stopping`: the system says that it is still going down. */
  | { readonly kind: 'up'; readonly bootId: string; readonly stopping: boolean }
  /** Something answers as an SSH server and lets nobody in: it starts, or it ends. */
  | { readonly kind: 'answering'; readonly detail: string }
  | { readonly kind: 'away'; readonly detail: string };

export interface WatchLimits {
  /** Since the request: SSH must have gone away by then. */
  readonly downMs: number;
  /** Since the request: the whole wait. */
  readonly totalMs: number;
  /** How long the former boot must answer after an outage before it counts as not rebooted. */
  readonly settleMs: number;
}

export interface WatchOptions {
  readonly beforeBootId: string;
  /** `down`: ends as soon as SSH is gone. `return`: ends when a new boot answers. */
  readonly until: 'down' | 'return';
  /** Nobody looked for a while (a restart of the application): an outage may have passed unseen. */
  readonly unwatched: boolean;
  readonly requestedAtMs: number;
  /** When SSH was first seen gone, from an earlier watch. */
  readonly wentDownAtMs: number | null;
  readonly limits: WatchLimits;
  /** A whole login; rejects only for what no waiting heals. */
  look(): Promise<Sighting>;
  /** Whether anything answers at the SSH port; costs no secret. */
  ring(): Promise<boolean>;
  /** Wall clock in milliseconds, and a pause that ends early when the watch is given up. */
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  onSighting(sighting: Sighting, atMs: number): void | Promise<void>;
  /** The first sign of the outage; stored before anything else happens. */
  onDown(atMs: number): void;
  onTick(phase: 'going_down' | 'waiting' | 'back', elapsedMs: number): void;
}

export interface WatchEnd {
  readonly outcome: Exclude<RebootOutcome, 'reboot_command_failed'>;
  readonly afterBootId: string | null;
  readonly wentDownAtMs: number | null;
  readonly cameBackAtMs: number | null;
  readonly endedAtMs: number;
}

const ringPauseMs = 2_000;
/** Between logins while the machine still answers as before; each decrypts a secret and leaves a line in its log. */
const loginPausesMs = [2_000, 3_000, 5_000, 10_000, 15_000];
/** Between logins that are refused: sshd's PerSourcePenalties count 5 s for each. */
const refusedPausesMs = [2_000, 4_000, 7_000, 10_000];
/** A step of the clock longer than this: this computer slept. */
const sleptMs = 90_000;
/** So much is left at least after a sleep or a restart, whatever the limits say. */
const graceMs = 45_000;

/**
 * Watches a machine after its reboot was asked for, until the outcome is certain or a limit is reached. Failures to connect
 * are phases of a reboot here, not errors. Only a new boot id proves it.
 */
export async function watchReboot(options: WatchOptions): Promise<WatchEnd> {
  const { clock, limits, requestedAtMs, until } = options;
  let wentDownAtMs = options.wentDownAtMs;
  let sameBootSinceMs: number | null = null;
  let refusals = 0;
  let logins = 0;
  let last: Sighting | null = null;
  let previousMs = clock.now();
  let extendedToMs = options.unwatched ? previousMs + Math.min(graceMs, limits.totalMs) : 0;
  const limit = (ms: number) => Math.max(requestedAtMs + ms, extendedToMs);
  const end = (outcome: WatchEnd['outcome'], now: number, afterBootId: string | null = null): WatchEnd => ({
    outcome,
    afterBootId,
    wentDownAtMs,
    cameBackAtMs: outcome === 'ok' && afterBootId !== null ? now : null,
    endedAtMs: now,
  });

  for (;;) {
    const sighting = await next();
    const now = clock.now();
    if (now - previousMs > sleptMs) extendedToMs = Math.max(extendedToMs, now + graceMs);
    previousMs = now;
    await options.onSighting(sighting, now);

    if (sighting.kind === 'up' && sighting.bootId !== options.beforeBootId) {
      return end('ok', now, sighting.bootId);
    }
    const isBefore = sighting.kind === 'up' && !sighting.stopping;
    if (sighting.kind !== 'up' && wentDownAtMs === null) {
      wentDownAtMs = now;
      options.onDown(now);
    }
    if (until === 'down' && wentDownAtMs !== null) return end('ok', now);
    if (isBefore && (wentDownAtMs !== null || options.unwatched)) {
      sameBootSinceMs ??= now;
      if (now - sameBootSinceMs >= limits.settleMs) return end('boot_id_unchanged', now, sighting.bootId);
    } else {
      sameBootSinceMs = null;
    }
    if (isBefore && wentDownAtMs === null && !options.unwatched && now >= limit(limits.downMs)) {
      return end('ssh_never_went_down', now, sighting.bootId);
    }
    if (now >= limit(limits.totalMs)) {
      if (sighting.kind === 'away') return end('machine_did_not_return', now);
      if (!isBefore) return end('timeout', now, sighting.kind === 'up' ? sighting.bootId : null);
      return end('boot_id_unchanged', now, sighting.bootId);
    }
    last = sighting;
    options.onTick(
      wentDownAtMs === null ? 'going_down' : sighting.kind === 'away' ? 'waiting' : 'back',
      now - requestedAtMs,
    );
  }

  /** Waits as long as befits what was seen last, listening at the port meanwhile, then looks. */
  async function next(): Promise<Sighting> {
    if (last === null) {
      await clock.sleep(1_000);
      return options.look();
    }
    if (last.kind === 'answering') {
      await clock.sleep(pause(refusedPausesMs, refusals++));
      return options.look();
    }
    if (last.kind === 'away') {
      refusals = 0;
      await clock.sleep(ringPauseMs);
      return (await options.ring()) ? options.look() : { kind: 'away', detail: 'no answer' };
    }
    // Still the boot from before: ring often, so that a short outage is not missed, log in rarely.
    const now = clock.now();
    const due = [limit(limits.downMs), (sameBootSinceMs ?? 0) + limits.settleMs, limit(limits.totalMs)];
    const latestMs = Math.min(now + pause(loginPausesMs, logins++), ...due.filter((ms) => ms > now));
    while (clock.now() < latestMs) {
      await clock.sleep(Math.min(ringPauseMs, Math.max(100, latestMs - clock.now())));
      if (!(await options.ring())) return { kind: 'away', detail: 'no answer' };
    }
    return options.look();
  }
}

function pause(pausesMs: readonly number[], index: number): number {
  return pausesMs[Math.min(index, pausesMs.length - 1)] ?? ringPauseMs;
}
