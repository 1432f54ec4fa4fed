import type { FleetRow } from '../../../shared/contract/models.ts';
import { t } from '../../lib/i18n/index.ts';

/** "Debian 13 (trixie)"; says when the system is not known. */
export function systemText(row: FleetRow, withCodename = true): string {
  const name = t(`os.${row.osFamily}`);
  if (row.osFamily === 'unknown') return name;
  const version = row.osVersion ? ` ${row.osVersion}` : '';
  return `${name}${version}${withCodename && row.osCodename ? ` (${row.osCodename})` : ''}`;
}

/** The action and its step: "Upgrade: Install". */
export function progressText(row: FleetRow, stepText: (name: string) => string): string {
  const { runningAction, runningStep } = row.state;
  const action = runningAction ? t(`action.${runningAction}`) : t('fleet.status.running');
  return t('fleet.progress', { action, step: runningStep ? stepText(runningStep) : t('fleet.queued') });
}
