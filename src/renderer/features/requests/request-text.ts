import type { RequestSummary } from '../../../shared/contract/requests.ts';
import type { StartableAction } from '../../../shared/domain/unions.ts';
import { t, tMaybe } from '../../lib/i18n/index.ts';
import type { StatusLook } from '../../lib/ui/status-look.ts';
import { stepText } from '../schedules/words.ts';

/** What on which machine, such as "Upgrade on nas". */
export function whatText(
  action: StartableAction,
  machines: readonly { readonly name: string }[],
  machineCount: number,
): string {
  const [only] = machines;
  // The machines were purged since.
  if (machineCount === 0) return t(`action.${action}`);
  if (machineCount === 1 && only) return t('requests.on', { action: t(`action.${action}`), name: only.name });
  return t('requests.onMany', { action: t(`action.${action}`), count: machineCount });
}

/** What would change, in a few words; what goes away first. */
export function changeTexts({ changes }: Pick<RequestSummary, 'changes'>): string[] {
  const { upgrades, installs, removals, security } = changes;
  return [
    ...(removals > 0 ? [t('requests.removals', { count: removals })] : []),
    ...(upgrades > 0 ? [t('requests.upgrades', { count: upgrades })] : []),
    ...(security > 0 ? [t('requests.security', { count: security })] : []),
    ...(installs > 0 ? [t('requests.installs', { count: installs })] : []),
  ];
}

/** What is at stake, in the fewest words. */
export function riskText({ action, risk, reboot }: RequestSummary): string {
  if (reboot === 'yes') return t('requests.risk.reboot');
  return t(action === 'apt_clean' ? 'requests.risk.cache' : `requests.risk.${risk}`);
}

/** Who asks, and from where: a surface has a name in the catalogue, a schedule or an agent its own. */
export function requesterText({ requestedBy, requestedFrom }: RequestSummary): string {
  const from = requestedFrom === null ? '' : tMaybe(`requests.from.${requestedFrom}`, requestedFrom);
  return `${t(`requests.by.${requestedBy}`)} ${from}`.trim();
}

/** What is approved with it; empty where nothing follows. */
export function furtherText({ schedule }: RequestSummary): string {
  if (schedule === null || schedule.further.length === 0) return '';
  return t('requests.further', { steps: schedule.further.map(stepText).join('; ') });
}

/** How a request looks: of one that was approved, how its work stands. */
export function lookOf({ status, outcome }: RequestSummary): StatusLook {
  switch (status) {
    case 'pending':
      return 'queued';
    case 'rejected':
    case 'expired':
    case 'withdrawn':
      return 'cancelled';
    case 'approved':
      return outcome === 'queued' ? 'queued' : 'running';
    case 'executed':
      return outcome === 'ok'
        ? 'ok'
        : outcome === 'warning'
          ? 'warning'
          : outcome === 'cancelled' || outcome === null
            ? 'cancelled'
            : 'error';
  }
}
