import type { FleetRow } from '../../../shared/contract/models.ts';
import { t } from '../../lib/i18n/index.ts';
import type { StatusLook } from '../../lib/ui/status-look.ts';
import { tileStatus, type TileStatus } from '../../../shared/domain/tile-status.ts';

const looks: Record<TileStatus, StatusLook> = {
  ok: 'ok',
  updates: 'info',
  security: 'security',
  warning: 'warning',
  error: 'error',
  unreachable: 'unreachable',
  blocked: 'blocked',
  fingerprint: 'unknown',
  rejected: 'blocked',
  never: 'unknown',
  running: 'running',
};

/** The look and the word of a machine, the same as on its tile. */
export const machineLook = (row: FleetRow): StatusLook => looks[tileStatus(row)];
export const machineWord = (row: FleetRow): string => t(`fleet.status.${tileStatus(row)}`);
