import Bell from '@lucide/svelte/icons/bell';
import BellRing from '@lucide/svelte/icons/bell-ring';
import Bookmark from '@lucide/svelte/icons/bookmark';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CalendarPlus from '@lucide/svelte/icons/calendar-plus';
import Cpu from '@lucide/svelte/icons/cpu';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Layers from '@lucide/svelte/icons/layers';
import Play from '@lucide/svelte/icons/play';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Server from '@lucide/svelte/icons/server';
import type { Command } from '../../lib/commands/command.ts';
import { overlays } from '../../lib/frame/overlays.svelte.ts';
import { inEveryLanguage, t } from '../../lib/i18n/index.ts';
import { go } from '../../lib/router.svelte.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { startJobs } from '../../lib/state/jobs.svelte.ts';
import { askBulk } from '../bulk/request.svelte.ts';
import { isContactable } from '../fleet/status.ts';
import { savedViews } from '../fleet/saved-views.svelte.ts';
import { notifications } from '../notifications/notifications.svelte.ts';
import { terminalCommands } from '../terminals/commands.ts';
import { editorRequest } from '../schedules/editor-request.svelte.ts';
import { schedules, askRun } from '../schedules/schedules.svelte.ts';
import { named } from './named.ts';
import { pageCommands } from './page-commands.ts';
import { settingCommands, vaultCommands } from './setting-commands.ts';
import { targetCommands, targets } from './target-commands.svelte.ts';

/** The core takes no more at once. */
const mostMachines = 1000;

function machineCommands(): Command[] {
  return [...fleet.rows.values()]
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    .map((row) => {
      const address = `${row.username}@${row.hostname}`;
      return {
        id: `machine.${row.id}`,
        group: 'machines',
        label: row.name,
        detail: address,
        names: [address, ...row.tags.map(({ name }) => name)],
        icon: Server,
        run: () => go({ page: 'machine', id: row.id }),
      };
    });
}

/** Only once there are some: "all machines" alone is the fleet page. */
function viewCommands(): Command[] {
  const { list } = savedViews;
  if (list.length === 0) return [];
  const toFleet = (show: () => unknown) => () => {
    go({ page: 'fleet' });
    return show();
  };
  return [
    named('view.all', 'views', 'fleet.views.all', Bookmark, toFleet(savedViews.showAll)),
    ...list.map((one): Command => ({
      id: `view.${one.id}`,
      group: 'views',
      label: one.name,
      names: [],
      icon: Bookmark,
      isOn: savedViews.current?.id === one.id,
      run: toFleet(() => savedViews.show(one)),
    })),
  ];
}

function otherCommands(): Command[] {
  const list: Command[] = [];
  const reachable = [...fleet.rows.values()].filter(isContactable).map((row) => row.id);
  if (reachable.length > 0) {
    list.push(
      named('refreshAll', 'actions', 'palette.refreshAll', RefreshCw, () =>
        startJobs('apt_update_analyze', reachable.slice(0, mostMachines)),
      ),
      named('probeAll', 'actions', 'palette.probeAll', Cpu, () =>
        startJobs('machine_probe', reachable.slice(0, mostMachines)),
      ),
      named('waves', 'actions', 'bulk.inWaves', Layers, () => askBulk('apt_full_upgrade', null)),
    );
  }
  list.push(
    named('schedule.new', 'actions', 'schedule.new', CalendarPlus, () => {
      go({ page: 'schedules' });
      editorRequest.create();
    }),
    ...schedules.list.map((one): Command => ({
      id: `schedule.${one.id}`,
      group: 'pages',
      label: one.name,
      names: inEveryLanguage('schedule.title'),
      detail: t('schedule.title'),
      icon: CalendarClock,
      run: () => go({ page: 'schedules', id: one.id }),
    })),
    ...schedules.list.map((one): Command => ({
      id: `schedule.run.${one.id}`,
      group: 'actions',
      label: t('schedule.runNow.title', { name: one.name }),
      names: inEveryLanguage('schedule.runNow.title', { name: one.name }),
      icon: Play,
      run: () => {
        go({ page: 'schedules', id: one.id });
        askRun(one.id);
      },
    })),
  );
  list.push(
    named('notifications', 'actions', 'notifications.open', Bell, () => (overlays.notifications = true)),
  );
  if (notifications.unread > 0) {
    list.push(
      named('notifications.read', 'actions', 'notifications.allRead', BellRing, () =>
        notifications.markAll(),
      ),
    );
  }
  list.push(
    ...vaultCommands(),
    named('keys', 'actions', 'palette.keys', Keyboard, () => (overlays.keys = true)),
  );
  return list;
}

/** Every command but the way to each machine: for the menu of the desktop. */
export const appCommands = (): Command[] => [
  ...targetCommands(targets()),
  ...terminalCommands(),
  ...viewCommands(),
  ...pageCommands(),
  ...otherCommands(),
  ...settingCommands(),
];

/** Every command of the application, as it is now: for the palette, and for the keys that do the same. */
export const allCommands = (): Command[] => [...appCommands(), ...machineCommands()];
