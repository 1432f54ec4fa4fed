import type { Attention, FleetRow } from '../../../shared/contract/models.ts';
import { errorTitle, t } from '../../lib/i18n/index.ts';
import { warningText } from '../hardware/warning-text.ts';

/** Why a machine wants attention, a sentence each in the reader's language; what the error line says already is left out. */
export function attentionTexts(row: FleetRow): string[] {
  const { attention, hardwareWarnings, lastError } = row.state;
  return [
    ...(hardwareWarnings ?? []).filter(({ severity }) => severity === 'error').map(warningText),
    ...(attention ?? [])
      .filter((one) => one.code !== 'problem' || one.kind !== lastError?.kind)
      .map((one) => attentionText(one, row.name)),
  ];
}

function attentionText(one: Attention, machine: string): string {
  switch (one.code) {
    case 'problem':
      return errorTitle(one.kind, one.data, machine);
    case 'lists_old':
      return t('attention.lists_old', { count: one.days });
    default: {
      const names = one.packages.join(', ');
      const packages = one.count > one.packages.length ? `${names}, …` : names;
      return t(`attention.${one.code}`, { count: one.count, packages });
    }
  }
}
