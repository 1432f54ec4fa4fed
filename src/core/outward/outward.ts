import type { OutwardChannel, OutwardConfig, OutwardFilter } from '../../shared/contract/outward.ts';
import { AppError, toAppError, type ErrorData } from '../../shared/domain/errors.ts';
import { isLoopback } from '../../shared/domain/outward-address.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { recordEvent } from '../events/index.ts';
import { reportLanguage } from '../reports/index.ts';
import type { Vault } from '../vault/types.ts';
import type { Content } from './content.ts';
import { sendNtfy, sendWebhook, type SendOptions } from './http.ts';
import { sendMail } from './mail.ts';
import { compose, testMessage, type OutwardMessage } from './message.ts';
import * as store from './store.ts';

export interface ChannelInput {
  readonly id?: string | undefined;
  readonly name: string;
  readonly enabled: boolean;
  readonly config: OutwardConfig;
  readonly filter: OutwardFilter;
  /** Undefined keeps what is stored; null or an empty text removes it. */
  readonly secret?: string | null | undefined;
}

export interface Outward {
  channels(): OutwardChannel[];
  /** @throws AppError not_found, vault_locked, vault_not_set_up, invalid_input */
  save(input: ChannelInput): string;
  /** @throws AppError not_found */
  remove(id: string): void;
  /** Sends one message now, past the queue. @throws AppError as sending fails */
  test(id: string): Promise<string>;
  retry(id: string): void;
  start(): void;
  close(): Promise<void>;
}

export interface OutwardPace {
  /** What happens together is told together. */
  readonly gatherMs: number;
  /** Least time between two messages of one channel; what comes meanwhile is told as one. */
  readonly gapMs: number;
  /** Waits after the first, second … failed attempt; the last repeats until the message expires. */
  readonly delaysMs: readonly number[];
  /** Certificates that are trusted instead of the system's. */
  readonly ca?: string;
}

const MINUTE_MS = 60_000;
const usualPace: OutwardPace = {
  gatherMs: 2_000,
  gapMs: 10_000,
  delaysMs: [15_000, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS],
};
const MOST_AT_ONCE = 200;
const LONGEST_WAIT_MS = 60_000;
/** What was sent or given up is kept for so long. */
const KEPT_MS = 30 * 24 * 3_600_000;

const placeOf = (id: string) => ({ table: 'outward_channels', rowId: id, column: 'enc_secret' });

/** Where a secret is sent: it does not follow a channel to another server. */
const serverOf = (config: OutwardConfig): string =>
  config.kind === 'email' ? `${config.host}:${config.port}` : new URL(config.url).origin;

/**
 * Sends what waits for each channel, one message after the other: a batch has its id before it leaves and keeps it until it
 * was taken, so that a receiver sees from the id what came twice.
 */
export function createOutward(context: CoreContext, vault: Vault, pace: OutwardPace = usualPace): Outward {
  const { database, bus } = context;
  const closing = new AbortController();
  const sending = new Map<string, Promise<void>>();
  /** When each channel last sent something, in this process. */
  const sentMs = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Infinity;

  /** Looks at the queue in so many milliseconds, or earlier if that is planned already. */
  function wake(inMs: number): void {
    if (closing.signal.aborted) return;
    const at = performance.now() + inMs;
    if (timer !== undefined && at >= dueMs) return;
    clearTimeout(timer);
    dueMs = at;
    timer = setTimeout(look, inMs);
    timer.unref();
  }

  function look(): void {
    timer = undefined;
    dueMs = Infinity;
    try {
      giveUp();
      const waiting = store.waitingByChannel(context);
      for (const row of store.channels(context)) {
        const queue = waiting.get(row.id);
        if (queue && row.enabled && !sending.has(row.id) && !isHeldByVault(row))
          begin(row, queue.nextAttemptAt);
      }
      const next = store.nextExpiry(context);
      if (next !== null)
        wake(Math.min(LONGEST_WAIT_MS, Math.max(1, Date.parse(next) - context.now().getTime())));
    } catch (error) {
      // A full disk, say. What waits stays.
      context.log.error('Notifications could not be sent; trying again', { error: String(error) });
      wake(LONGEST_WAIT_MS);
    }
  }

  const isHeldByVault = (row: store.ChannelRow): boolean =>
    row.encSecret !== null && vault.state() !== 'unlocked';

  /** Sends the next batch of a channel, or plans that for when it may. */
  function begin(row: store.ChannelRow, notBefore: string | null): void {
    const nowMs = context.now().getTime();
    const afterGap = (sentMs.get(row.id) ?? -Infinity) + pace.gapMs - performance.now();
    const afterFailure = notBefore === null ? 0 : Date.parse(notBefore) - nowMs;
    const waitMs = Math.max(afterGap, afterFailure);
    if (waitMs > 0) return wake(Math.min(LONGEST_WAIT_MS, waitMs + 1));
    const batch = database.tx(() => store.nextBatch(context, row.id, MOST_AT_ONCE));
    if (!batch) return;
    const contents = batch.rows.map(({ contentJson }) => JSON.parse(contentJson) as Content);
    const message = compose(reportLanguage(context), batch.batchId, contents);
    const attempt = Math.max(...batch.rows.map((one) => one.attempt)) + 1;
    const done = deliver(row, message)
      .then(
        () => settle(row, () => taken(row.id, batch.batchId)),
        (error: unknown) => settle(row, () => failed(row, batch.batchId, attempt, toAppError(error))),
      )
      .finally(() => {
        sending.delete(row.id);
        bus.publish('outward.changed', {});
        wake(0);
      });
    sending.set(row.id, done);
  }

  /** Stores what came of an attempt. Where that fails, it is made again with the same id. */
  function settle(row: store.ChannelRow, work: () => void): void {
    try {
      database.tx(work);
    } catch (error) {
      context.log.error('What came of a notification could not be stored', {
        channelId: row.id,
        error: String(error),
      });
    }
  }

  function taken(channelId: string, batchId: string): void {
    const now = isoNow(context);
    sentMs.set(channelId, performance.now());
    store.markSent(context, batchId, now);
    store.patchChannel(context, channelId, { lastSentAt: now, ...failureColumns(null) });
  }

  function failed(row: store.ChannelRow, batchId: string, attempt: number, error: AppError): void {
    if (closing.signal.aborted) return;
    if (error.code === 'internal') {
      context.log.error('A notification failed unexpectedly', { channelId: row.id, error: error.cause });
    }
    const delayMs = pace.delaysMs[Math.min(attempt, pace.delaysMs.length) - 1] ?? LONGEST_WAIT_MS;
    const notBefore = new Date(context.now().getTime() + delayMs).toISOString();
    store.markFailed(context, batchId, attempt, notBefore);
    store.patchChannel(context, row.id, failureColumns(error));
  }

  function failureColumns(error: AppError | null) {
    return {
      lastFailedAt: error && isoNow(context),
      lastErrorKind: error?.code ?? null,
      lastErrorMessage: error?.message ?? null,
      lastErrorDataJson: error && JSON.stringify(error.data),
    };
  }

  /** What nobody took in time is told in the application, once for all of it. */
  function giveUp(): void {
    database.tx(() => {
      for (const [channelId, messages] of store.giveUpOverdue(context, isoNow(context))) {
        const row = store.channelById(context, channelId);
        recordEvent(context, {
          machineId: null,
          eventType: 'outward.given_up',
          severity: 'warning',
          actorType: 'system',
          message: `${messages} notifications could not be sent through ${row.name}.`,
          data: {
            channelId,
            name: row.name,
            messages,
            ...(row.lastErrorKind && { kind: row.lastErrorKind }),
          },
        });
      }
    });
  }

  async function deliver(row: store.ChannelRow, message: OutwardMessage): Promise<string> {
    const config = store.configOf(row);
    const secret =
      row.encSecret === null
        ? null
        : vault.decrypt(placeOf(row.id), row.encSecret, { machineId: null, reason: `notify by ${row.kind}` });
    const options: SendOptions = { secret, signal: closing.signal, ca: pace.ca };
    switch (config.kind) {
      case 'webhook':
        return sendWebhook(config, message, isoNow(context), options);
      case 'ntfy':
        return sendNtfy(config, message, options);
      case 'email':
        return sendMail(config, message, options);
    }
  }

  const stops = [
    bus.subscribe('outward.changed', () => wake(pace.gatherMs)),
    bus.subscribe('vault.changed', () => {
      bus.publish('outward.changed', {});
      wake(0);
    }),
  ];

  return {
    channels() {
      const waiting = store.waitingByChannel(context);
      return store.channels(context).map((row) => ({
        id: row.id,
        kind: row.kind,
        name: row.name,
        enabled: row.enabled,
        config: store.configOf(row),
        filter: store.filterOf(row),
        hasSecret: row.encSecret !== null,
        waiting: waiting.get(row.id)?.waiting ?? 0,
        waitsForVault: waiting.has(row.id) && isHeldByVault(row),
        nextAttemptAt: waiting.get(row.id)?.nextAttemptAt ?? null,
        givenUp: store.givenUpSince(context, row.id, row.lastSentAt),
        lastSentAt: row.lastSentAt,
        lastFailedAt: row.lastFailedAt,
        lastError: row.lastErrorKind
          ? {
              kind: row.lastErrorKind,
              message: row.lastErrorMessage ?? '',
              data: fromJson<ErrorData>(row.lastErrorDataJson, {}),
            }
          : null,
      }));
    },

    save(input) {
      const { config } = input;
      if (config.kind === 'email' && config.security === 'none' && !isLoopback(config.host)) {
        throw new AppError('invalid_input', 'Mail leaves this computer encrypted', { field: 'security' });
      }
      const id = input.id ?? newId();
      const isRemoved = input.secret === null || input.secret === '';
      database.tx(() => {
        const old = input.id === undefined ? undefined : store.channelById(context, input.id);
        const isElsewhere = old !== undefined && serverOf(store.configOf(old)) !== serverOf(config);
        if (old?.encSecret && isElsewhere && input.secret === undefined) {
          throw new AppError('invalid_input', 'Another server needs its own secret', { field: 'secret' });
        }
        const encSecret =
          input.secret === undefined
            ? (old?.encSecret ?? null)
            : isRemoved
              ? null
              : vault.encrypt(placeOf(id), input.secret ?? '');
        const now = isoNow(context);
        store.saveChannel(context, {
          id,
          kind: config.kind,
          name: input.name,
          enabled: input.enabled,
          configJson: JSON.stringify(config),
          filterJson: JSON.stringify(input.filter),
          encSecret,
          createdAt: old?.createdAt ?? now,
          updatedAt: now,
          // What failed before says nothing about this.
          ...failureColumns(null),
        });
        if (input.enabled) store.forgetDelays(context, id);
        else store.dropWaiting(context, id);
        recordEvent(context, {
          machineId: null,
          eventType: 'outward.saved',
          severity: 'info',
          actorType: 'user',
          message: `The channel ${input.name} was saved.`,
          data: {
            channelId: id,
            name: input.name,
            channelKind: config.kind,
            enabled: input.enabled,
            secret: input.secret === undefined ? 'kept' : isRemoved ? 'removed' : 'set',
          },
        });
      });
      bus.publish('outward.changed', {});
      return id;
    },

    remove(id) {
      database.tx(() => {
        const { name, kind } = store.channelById(context, id);
        store.removeChannel(context, id);
        recordEvent(context, {
          machineId: null,
          eventType: 'outward.removed',
          severity: 'info',
          actorType: 'user',
          message: `The channel ${name} was removed.`,
          data: { channelId: id, name, channelKind: kind },
        });
      });
      bus.publish('outward.changed', {});
    },

    async test(id) {
      const row = store.channelById(context, id);
      try {
        const answer = await deliver(row, testMessage(reportLanguage(context), newId()));
        store.patchChannel(context, id, { lastSentAt: isoNow(context), ...failureColumns(null) });
        // It works again: what waits goes.
        store.forgetDelays(context, id);
        return answer;
      } catch (error) {
        store.patchChannel(context, id, failureColumns(toAppError(error)));
        throw error;
      } finally {
        bus.publish('outward.changed', {});
      }
    },

    retry(id) {
      store.channelById(context, id);
      store.forgetDelays(context, id);
      bus.publish('outward.changed', {});
      wake(0);
    },

    start() {
      store.forgetBefore(context, new Date(context.now().getTime() - KEPT_MS).toISOString());
      wake(0);
    },

    async close() {
      closing.abort();
      clearTimeout(timer);
      for (const stop of stops) stop();
      await Promise.all(sending.values());
    },
  };
}
