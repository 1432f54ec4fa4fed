import type { CoreContext } from '../context.ts';
import type { NewEvent } from '../events/new-event.ts';
import { tellOutside } from '../outward/tell.ts';
import { noticeOf, settledBy, vaultNotice } from './rules.ts';
import { readNotificationSettings } from './settings.ts';
import { isPartOfBulk, keepNotice, settle } from './store.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'> & Partial<Pick<CoreContext, 'bus'>>;

/**
 * Keeps the notification that an event makes and settles those that it answers, in the transaction of the event. Returns
 * whether the list has changed.
 */
export function notify(context: Ctx, event: NewEvent): boolean {
  const { kinds, machineId, dedupKey } = settledBy(event);
  const isSettled = settle(context, kinds, machineId, dedupKey);
  const notice = noticeOf(event);
  if (notice === null) return isSettled;
  if (event.jobId !== undefined && isPartOfBulk(context, event.jobId)) return isSettled;
  tellOutside(context, notice, event);
  const isWanted = readNotificationSettings(context).ways[notice.kind] !== 'off';
  return keepNotice(context, notice, event, isWanted) || isSettled;
}

/** Says that a job stands still until the vault is unlocked. Returns whether that was news. */
export function notifyVaultWait(context: Ctx): boolean {
  tellOutside(context, vaultNotice, { machineId: null });
  if (readNotificationSettings(context).ways.vault_locked === 'off') return false;
  return keepNotice(context, vaultNotice, { machineId: null }, true);
}
