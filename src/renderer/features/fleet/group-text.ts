import { machineKinds, osFamilies, type MachineKind, type OsFamily } from '../../../shared/domain/unions.ts';
import { t } from '../../lib/i18n/index.ts';
import type { Grouping } from './groups.ts';
import { urgency } from './order.ts';
import type { TileStatus } from '../../../shared/domain/tile-status.ts';

const isOf = <T extends string>(list: readonly T[], text: string | undefined): text is T =>
  (list as readonly (string | undefined)[]).includes(text);

/** What the head of a group says. */
export function groupText(grouping: Grouping, key: string): string {
  switch (grouping) {
    case 'status':
      return isOf<TileStatus>(urgency, key) ? t(`fleet.status.${key}`) : t('common.unknown');
    case 'tag':
      return key === '' ? t('fleet.group.untagged') : key;
    case 'os': {
      const [family, version = ''] = key.split(' ');
      const known: OsFamily = isOf(osFamilies, family) ? family : 'unknown';
      return `${t(`os.${known}`)} ${version}`.trim();
    }
    case 'kind': {
      const known: MachineKind = isOf(machineKinds, key) ? key : 'unknown';
      return t(`machineKind.${known}`);
    }
    case 'none':
      return '';
  }
}
