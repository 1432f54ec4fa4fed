import { severities, type NotificationKind, type Severity } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { passedData, type Content } from './content.ts';
import * as store from './store.ts';

/** News of yesterday helps nobody. */
const KEPT_MS = 24 * 3_600_000;
/** The same matter is told once in this time. */
const ONCE_IN_MS = 3_600_000;

interface Told {
  readonly kind: NotificationKind;
  readonly severity: Severity;
  readonly dedupKey: string;
  readonly bulkRunId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}
interface Origin {
  readonly machineId: string | null;
  readonly executionId?: string | undefined;
  readonly jobId?: string | undefined;
}

/** Puts a notification into the queue of each channel that wants it, in the transaction of what it tells. */
export function tellOutside(
  context: Pick<CoreContext, 'database' | 'now'> & Partial<Pick<CoreContext, 'bus'>>,
  told: Told,
  origin: Origin,
): void {
  const enabled = store.channels(context).filter(({ enabled: isOn }) => isOn);
  if (enabled.length === 0) return;
  const machine = origin.machineId === null ? null : store.machineOf(context, origin.machineId);
  const nowMs = context.now().getTime();
  const createdAt = isoNow(context);
  const content: Content = {
    kind: told.kind,
    severity: told.severity,
    at: createdAt,
    machineId: origin.machineId,
    machineName: machine?.name ?? null,
    executionId: origin.executionId ?? null,
    bulkRunId: told.bulkRunId ?? null,
    data: passedData(told.data),
  };
  const matter = {
    dedupKey: told.dedupKey,
    jobId: origin.jobId ?? null,
    since: new Date(nowMs - ONCE_IN_MS).toISOString(),
  };
  let isNews = false;
  for (const channel of enabled) {
    if (!wants(channel, told, machine?.tagIds ?? null)) continue;
    const before = store.toldBefore(context, channel.id, matter);
    if (before && (before.status !== 'waiting' || before.batchId !== null)) continue;
    if (before) store.replaceContent(context, before.id, content, told.dedupKey);
    else {
      store.insertMessage(context, {
        channelId: channel.id,
        createdAt,
        expiresAt: new Date(nowMs + KEPT_MS).toISOString(),
        dedupKey: told.dedupKey,
        jobId: matter.jobId,
        content,
      });
    }
    isNews = true;
  }
  if (isNews) queueMicrotask(() => context.bus?.publish('outward.changed', {}));
}

function wants(
  channel: store.ChannelRow,
  { kind, severity, data }: Told,
  tagIds: readonly string[] | null,
): boolean {
  // That a channel does not work is not told through it.
  if (kind === 'outward_failed' && data['channelId'] === channel.id) return false;
  const filter = store.filterOf(channel);
  if (!filter.kinds.includes(kind)) return false;
  if (severities.indexOf(severity) < severities.indexOf(filter.severity)) return false;
  return filter.tagIds.length === 0 || (tagIds ?? []).some((tag) => filter.tagIds.includes(tag));
}
