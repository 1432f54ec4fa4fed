import { t } from '../../lib/i18n/index.ts';

/** How long a request may wait. */
export const waitText = (hours: number): string =>
  hours % 24 === 0
    ? t('requests.ask.days', { count: hours / 24 })
    : t('requests.ask.hours', { count: hours });
