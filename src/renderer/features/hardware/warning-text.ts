import {
  hardwareWarningCodes,
  type HardwareWarning,
  type HardwareWarningCode,
} from '../../../shared/domain/probe.ts';
import { formatDuration, formatNumber, formatPercent, t } from '../../lib/i18n/index.ts';

type Told = Pick<HardwareWarning, 'code' | 'subject' | 'value' | 'limit' | 'names'>;

/** What a warning says, in the reader's language: one short sentence with its values. */
export function warningText({ code, subject: named, value, limit, names }: Told): string {
  const subject = named ?? '';
  const listed = names.join(', ');
  const disk = listed === '' ? subject : `${subject} (${listed})`;
  const percent = value === null ? t('common.unknown') : formatPercent(value);
  switch (code) {
    case 'filesystem_space':
    case 'filesystem_inodes':
      return t(`hardware.warning.${code}`, { subject, percent });
    case 'filesystem_read_only':
      return t('hardware.warning.filesystem_read_only', { subject });
    case 'smart_failing':
      return t('hardware.warning.smart_failing', { disk });
    case 'smart_sectors':
      return t('hardware.warning.smart_sectors', { disk, count: value ?? 0 });
    case 'smart_wear':
      return value === null
        ? t('hardware.warning.smart_spare', { disk })
        : t('hardware.warning.smart_wear', { disk, percent });
    case 'raid_degraded':
      return t('hardware.warning.raid_degraded', { subject, count: value ?? 0 });
    case 'pool_unhealthy':
      return t('hardware.warning.pool_unhealthy', { subject, state: listed });
    case 'memory_low':
      return t('hardware.warning.memory_low', { percent });
    case 'load_high':
      return t('hardware.warning.load_high', { load: formatNumber(value ?? 0, 1), count: limit ?? 0 });
    case 'temperature_high':
      return t('hardware.warning.temperature_high', {
        subject,
        degrees: formatNumber(value ?? 0),
        limit: formatNumber(limit ?? 0),
      });
    case 'clock_skew': {
      const time = formatDuration(Math.abs(value ?? 0));
      return t((value ?? 0) < 0 ? 'hardware.warning.clock_behind' : 'hardware.warning.clock_ahead', { time });
    }
    case 'units_failed':
      return t('hardware.warning.units_failed', { count: value ?? 0 });
  }
}

/** What can be done about it. */
export const warningRemedy = (code: HardwareWarningCode): string => t(`hardware.remedy.${code}`);

/** The warning that an event of the timeline carries; null where it is none that is known here. */
export function warningOfEvent(data: Record<string, unknown>): Told | null {
  const told = data['warning'];
  if (typeof told !== 'object' || told === null) return null;
  const { code, subject, value, limit, names } = told as Record<string, unknown>;
  const known = hardwareWarningCodes.find((one) => one === code);
  if (known === undefined) return null;
  return {
    code: known,
    subject: typeof subject === 'string' ? subject : null,
    value: typeof value === 'number' ? value : null,
    limit: typeof limit === 'number' ? limit : null,
    names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
  };
}
