import type { Transfer } from '../../shared/contract/files.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { createSlots, type Slots } from '../ssh/slots.ts';
import { pause } from '../watch.ts';

/** At a time on one machine; more would only share the same link. */
const atOncePerMachine = 3;
const mostKept = 200;
/** What a rate is taken over. */
const rateWindowMs = 3_000;
/** For how long a lost link is tried again before the transfer is left to be resumed. */
const reconnectWithinMs = 120_000;
const pausesMs = [500, 1_000, 2_000, 4_000, 8_000];

export type Direction = Transfer['direction'];
export interface NewTransfer {
  readonly id: string;
  readonly machineId: string;
  readonly machineName: string;
  readonly direction: Direction;
  readonly path: string;
  /** Null: not known yet. */
  readonly sizeBytes: number | null;
  /** Default: now. */
  readonly startedAt?: string;
}

/** One transfer as its worker drives it. */
export interface Moving extends Omit<NewTransfer, 'sizeBytes'> {
  sizeBytes: number | null;
  state: Transfer['state'];
  doneBytes: number;
  error: Transfer['error'];
  readonly startedAt: string;
  readonly samples: { atMs: number; bytes: number }[];
  /** Ends it; the reason says why. */
  abort: AbortController;
}

export interface Transfers {
  add(transfer: NewTransfer): Moving;
  find(id: string): Moving | undefined;
  list(): Transfer[];
  moved(transfer: Moving, bytes: number): void;
  /** Goes back to what is known to have arrived. */
  backTo(transfer: Moving, doneBytes: number): void;
  /** How much it will be is known now, or guessed. */
  sized(transfer: Moving, sizeBytes: number): void;
  change(transfer: Moving, state: Transfer['state'], error?: unknown): void;
  /** The application ends: what is stopped now can be gone on with later. */
  readonly isClosing: boolean;
  /** Waits for its turn on the machine; returns how to give it back. */
  turn(transfer: Moving, signal: AbortSignal): Promise<() => void>;
  /** Runs `attempt` again while the link is what fails. @throws what else it fails with, and the link's error after a time */
  overLinks(transfer: Moving, signal: AbortSignal, attempt: () => Promise<void>): Promise<void>;
  /** As if it had never been asked for. */
  forget(transfer: Moving): void;
  clear(): void;
  close(): void;
}

/** Failures that another try may not meet. */
const passing: ReadonlySet<string> = new Set([
  'ssh_connection_lost',
  'ssh_unreachable',
  'ssh_timeout',
  'ssh_connection_refused',
  'ssh_name_unresolved',
  'ssh_jump_failed',
  'ssh_channel_refused',
]);
export const isPassing = (error: unknown): boolean => error instanceof AppError && passing.has(error.code);

export const isOver = (state: Transfer['state']): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled';

export function createTransfers(context: CoreContext): Transfers {
  const all = new Map<string, Moving>();
  const slots = new Map<string, Slots>();
  let isClosing = false;
  const changed = (): void => {
    context.bus.publish('transfers.changed', {});
  };
  const rateOf = ({ state, samples }: Moving): number | null => {
    if (state !== 'running') return null;
    const nowMs = performance.now();
    const recent = samples.filter(({ atMs }) => nowMs - atMs <= rateWindowMs);
    const [first] = recent;
    if (!first) return 0;
    const sum = recent.reduce((total, { bytes }) => total + bytes, 0);
    return Math.round((sum * 1000) / Math.max(250, nowMs - first.atMs));
  };

  return {
    add(transfer) {
      const moving: Moving = {
        ...transfer,
        state: 'waiting',
        doneBytes: 0,
        error: null,
        startedAt: transfer.startedAt ?? isoNow(context),
        samples: [],
        abort: new AbortController(),
      };
      all.set(moving.id, moving);
      for (const [id, one] of all) {
        if (all.size <= mostKept) break;
        if (isOver(one.state)) all.delete(id);
      }
      changed();
      return moving;
    },
    get isClosing() {
      return isClosing;
    },
    find: (id) => all.get(id),
    list: () =>
      [...all.values()]
        .reverse()
        .map(({ id, machineId, machineName, direction, path, sizeBytes, ...moving }) => ({
          id,
          machineId,
          machineName,
          direction,
          path,
          sizeBytes,
          doneBytes: moving.doneBytes,
          bytesPerSecond: rateOf({ id, machineId, machineName, direction, path, sizeBytes, ...moving }),
          state: moving.state,
          error: moving.error,
          startedAt: moving.startedAt,
        })),
    moved(transfer, bytes) {
      transfer.doneBytes += bytes;
      const { samples } = transfer;
      const nowMs = performance.now();
      const last = samples.at(-1);
      if (last && nowMs - last.atMs < 100) last.bytes += bytes;
      else samples.push({ atMs: nowMs, bytes });
      while (samples[0] && nowMs - samples[0].atMs > rateWindowMs) samples.shift();
      changed();
    },
    backTo(transfer, doneBytes) {
      transfer.doneBytes = doneBytes;
      changed();
    },
    sized(transfer, sizeBytes) {
      transfer.sizeBytes = sizeBytes;
      changed();
    },
    change(transfer, state, error) {
      transfer.state = state;
      const known = error === undefined ? null : toAppError(error);
      transfer.error = known && { kind: known.code, message: known.message, data: known.data };
      changed();
    },
    async turn(transfer, signal) {
      const queue = slots.get(transfer.machineId) ?? createSlots(atOncePerMachine);
      slots.set(transfer.machineId, queue);
      return queue.acquire(signal);
    },
    async overLinks(transfer, signal, attempt) {
      let failedAtMs: number | null = null;
      let doneThen = -1;
      for (let tries = 0; ; tries += 1) {
        try {
          await attempt();
          return;
        } catch (error) {
          if (signal.aborted || !isPassing(error)) throw error;
          const nowMs = performance.now();
          // What moved since the last failure was a link that worked.
          if (transfer.doneBytes > doneThen) {
            failedAtMs = nowMs;
            tries = 0;
          }
          doneThen = transfer.doneBytes;
          failedAtMs ??= nowMs;
          if (nowMs - failedAtMs > reconnectWithinMs) throw error;
          this.change(transfer, 'reconnecting', error);
          await pause(pausesMs[Math.min(tries, pausesMs.length - 1)] ?? 8_000, signal);
          signal.throwIfAborted();
        }
      }
    },
    forget(transfer) {
      all.delete(transfer.id);
      changed();
    },
    clear() {
      for (const [id, one] of all) if (isOver(one.state)) all.delete(id);
      changed();
    },
    close() {
      isClosing = true;
      for (const one of all.values()) {
        one.abort.abort(new AppError('cancelled', 'The application is closing'));
      }
    },
  };
}
