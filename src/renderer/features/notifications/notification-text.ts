import type { Notification } from '../../../shared/contract/models.ts';
import { isErrorKind } from '../../../shared/domain/errors.ts';
import { actionTypes, scheduleRunStatuses, scheduleSkipReasons } from '../../../shared/domain/unions.ts';
import { errorTitle, t } from '../../lib/i18n/index.ts';

/** What a notification says in the reader's language: where, what, and why where there is a reason. */
export function notificationText(one: Notification): { title: string; text: string; reason: string | null } {
  const { kind, severity, data, machineName } = one;
  const title = machineName ?? t('notifications.fleet');
  const known = actionTypes.find((action) => action === data['action']);
  const action = known === undefined ? t('notifications.work') : t(`action.${known}`);
  const failure = data['kind'];
  const reason =
    typeof failure === 'string' && isErrorKind(failure)
      ? errorTitle(failure, data, machineName ?? undefined)
      : null;
  switch (kind) {
    case 'run_ended':
      return {
        title,
        text: t(severity === 'info' ? 'notifications.ended' : 'notifications.warned', { action }),
        reason,
      };
    case 'run_failed':
      return { title, text: t('notifications.failed', { action }), reason };
    case 'bulk_ended': {
      const count = data['machines'];
      const text = t(
        severity === 'info'
          ? 'notifications.ended'
          : severity === 'warning'
            ? 'notifications.warned'
            : 'notifications.failed',
        { action },
      );
      return {
        title: typeof count === 'number' ? t('notifications.machines', { count }) : title,
        text,
        reason: null,
      };
    }
    case 'host_key':
      return {
        title,
        text: t(
          failure === 'ssh_host_key_unknown'
            ? 'notifications.hostKeyUnknown'
            : 'notifications.hostKeyChanged',
        ),
        reason: null,
      };
    case 'plan_changed':
      return { title, text: t('notifications.planChanged'), reason: null };
    case 'conffile':
      return { title, text: t('notifications.conffile'), reason: null };
    case 'vault_locked':
      return { title: t('settings.vault'), text: t('notifications.vaultLocked'), reason: null };
    case 'changed_by_others':
      return { title, text: t('notifications.changedByOthers'), reason: null };
    case 'request': {
      if (typeof data['scheduleRunId'] === 'string') {
        return {
          title: typeof data['name'] === 'string' ? data['name'] : t('schedule.title'),
          text: t('notifications.requests', { count: one.occurrences, action }),
          reason: null,
        };
      }
      const count = data['machines'];
      return {
        title: typeof count === 'number' && count > 1 ? t('notifications.machines', { count }) : title,
        text: t('notifications.request', { action }),
        reason: null,
      };
    }
    case 'outward_failed':
      return {
        title: t('outward.title'),
        text: t('notifications.outwardFailed', { name: String(data['name']) }),
        reason,
      };
    case 'schedule_asks':
    case 'schedule_ended': {
      const named = typeof data['name'] === 'string' ? data['name'] : t('schedule.title');
      if (kind === 'schedule_asks') {
        return { title: named, text: t('notifications.schedule.asks'), reason: null };
      }
      const status = scheduleRunStatuses.find((one) => one === data['status']) ?? 'skipped';
      const skipped = scheduleSkipReasons.find((one) => one === data['skipReason']);
      return {
        title: named,
        text: t(`schedule.status.${status}`),
        reason: skipped === undefined ? null : t(`schedule.skip.${skipped}`),
      };
    }
  }
}
