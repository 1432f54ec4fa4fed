import CircleArrowUp from '@lucide/svelte/icons/circle-arrow-up';
import Cpu from '@lucide/svelte/icons/cpu';
import Eraser from '@lucide/svelte/icons/eraser';
import Layers from '@lucide/svelte/icons/layers';
import PackageX from '@lucide/svelte/icons/package-x';
import PanelRight from '@lucide/svelte/icons/panel-right';
import PlugZap from '@lucide/svelte/icons/plug-zap';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import RotateCw from '@lucide/svelte/icons/rotate-cw';
import SquareTerminal from '@lucide/svelte/icons/square-terminal';
import Wrench from '@lucide/svelte/icons/wrench';
import type { Component } from 'svelte';
import type { FleetRow } from '../../../shared/contract/models.ts';
import type { Command } from '../../lib/commands/command.ts';
import { t } from '../../lib/i18n/index.ts';
import { go, machineTabs, router } from '../../lib/router.svelte.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { startJobs } from '../../lib/state/jobs.svelte.ts';
import { bulkActions, canTake } from '../bulk/bulk-actions.ts';
import { askBulk } from '../bulk/request.svelte.ts';
import { refresh, upgrade } from '../fleet/actions.ts';
import { isContactable } from '../fleet/status.ts';
import { view } from '../fleet/view.svelte.ts';
import { askReboot, diagnoseIntent, requests } from '../maintenance/requests.svelte.ts';
import { isRebootable } from '../maintenance/reboot.ts';
import { openTerminal, openTerminals } from '../terminals/terminals.svelte.ts';
import { named, type PlainKey } from './named.ts';

/** What commands act on: the machine whose page is open; in the fleet the selection, else where the keyboard stands. */
export function targets(): readonly FleetRow[] {
  const { route } = router;
  if (route.page === 'machine') {
    const row = fleet.get(route.id);
    return row ? [row] : [];
  }
  if (route.page !== 'fleet') return [];
  if (view.selected.length > 0) return view.selected;
  const row = view.activeId === null ? undefined : fleet.get(view.activeId);
  return row ? [row] : [];
}

/** What can be done to those machines now; what changes one asks first, where its button does. */
export function targetCommands(rows: readonly FleetRow[]): Command[] {
  const [only] = rows;
  if (only === undefined) return [];
  const detail = rows.length === 1 ? only.name : t('palette.targets', { count: rows.length });
  const of = (id: string, label: PlainKey, icon: Component, run: () => unknown): Command =>
    named(`target.${id}`, 'targets', label, icon, run, {
      detail,
      names: rows.length === 1 ? [only.name] : [],
    });
  const list = [
    of('refresh', 'action.apt_update_analyze', RefreshCw, () => refresh(rows)),
    of('upgrade', 'action.apt_upgrade', CircleArrowUp, () => upgrade(rows)),
    of('reboot', 'action.reboot', RotateCw, () => askReboot(rows)),
  ];
  const contactable = rows.filter(isContactable).map((row) => row.id);
  if (contactable.length > 0) {
    list.push(
      of('probe', 'action.machine_probe', Cpu, () => startJobs('machine_probe', contactable.slice(0, 1000))),
    );
  }
  if (rows.length > 1) {
    if (contactable.length > 1) {
      list.push(of('terminal', 'terminals.openSide', SquareTerminal, () => openTerminals(rows)));
    }
    for (const action of bulkActions) {
      if (!rows.some((row) => canTake(action, row))) continue;
      const label = ['bulk.inWaves', `action.${action}`] as const;
      list.push(
        named(`target.waves.${action}`, 'targets', label, Layers, () => askBulk(action, rows), { detail }),
      );
    }
    return list;
  }
  if (isContactable(only)) {
    list.push(of('terminal', 'terminals.open', SquareTerminal, () => openTerminal(only)));
  }
  if (isRebootable(only)) {
    list.push(
      of('repair', 'maintain.repair', Wrench, () => (requests.repair = only)),
      of('clean', 'maintain.clean', Eraser, () => (requests.clean = only)),
    );
  }
  list.push(
    of('autoremove', 'maintain.autoremove', PackageX, () =>
      go({ page: 'machine', id: only.id, tab: 'updates' }),
    ),
    of('test', 'machine.test', PlugZap, () => {
      diagnoseIntent.ask(only.id);
      go({ page: 'machine', id: only.id });
    }),
    ...machineTabs.map((tab) =>
      of(`tab.${tab}`, `machine.tab.${tab}`, PanelRight, () => go({ page: 'machine', id: only.id, tab })),
    ),
  );
  return list;
}
