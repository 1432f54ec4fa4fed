import Eraser from '@lucide/svelte/icons/eraser';
import Cpu from '@lucide/svelte/icons/cpu';
import PackageX from '@lucide/svelte/icons/package-x';
import RotateCw from '@lucide/svelte/icons/rotate-cw';
import Wrench from '@lucide/svelte/icons/wrench';
import type { FleetRow } from '../../../shared/contract/models.ts';
import { t } from '../../lib/i18n/index.ts';
import { href } from '../../lib/router.svelte.ts';
import { startJobs } from '../../lib/state/jobs.svelte.ts';
import type { MenuItem } from '../../lib/ui/menu-item.ts';
import { isContactable } from '../fleet/status.ts';
import { isRebootable } from './reboot.ts';
import { askReboot, requests } from './requests.svelte.ts';

/** What can be done to a machine beyond refresh and upgrade; everything that changes it asks first. */
export function maintenanceItems(row: FleetRow): MenuItem[] {
  const disabled = !isRebootable(row);
  return [
    {
      label: t('action.machine_probe'),
      icon: Cpu,
      disabled: row.state.runningJobId !== null || !isContactable(row),
      run: () => void startJobs('machine_probe', [row.id]),
      separatorBefore: true,
    },
    {
      label: t('maintain.autoremove'),
      icon: PackageX,
      href: href({ page: 'machine', id: row.id, tab: 'updates' }),
    },
    { label: t('maintain.repair'), icon: Wrench, disabled, run: () => (requests.repair = row) },
    { label: t('maintain.clean'), icon: Eraser, disabled, run: () => (requests.clean = row) },
    {
      label: t('maintain.reboot'),
      icon: RotateCw,
      disabled,
      run: () => askReboot([row]),
      separatorBefore: true,
    },
  ];
}
