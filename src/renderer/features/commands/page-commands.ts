import Cable from '@lucide/svelte/icons/cable';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CircleArrowUp from '@lucide/svelte/icons/circle-arrow-up';
import FileText from '@lucide/svelte/icons/file-text';
import Hand from '@lucide/svelte/icons/hand';
import History from '@lucide/svelte/icons/history';
import Layers from '@lucide/svelte/icons/layers';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Plus from '@lucide/svelte/icons/plus';
import Settings from '@lucide/svelte/icons/settings';
import SquareTerminal from '@lucide/svelte/icons/square-terminal';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import type { Component } from 'svelte';
import type { Command } from '../../lib/commands/command.ts';
import { go, manageTabs, type Route } from '../../lib/router.svelte.ts';
import { named, type PlainKey } from './named.ts';

const page = (id: string, label: PlainKey, icon: Component, route: Route): Command =>
  named(`page.${id}`, 'pages', label, icon, () => go(route));

/** One for each page that can be opened without saying more. */
export const pageCommands = (): Command[] => [
  page('fleet', 'nav.fleet', LayoutGrid, { page: 'fleet' }),
  page('updates', 'nav.updates', CircleArrowUp, { page: 'updates' }),
  page('notices', 'notices.title', TriangleAlert, { page: 'updates', tab: 'notices' }),
  page('jobs', 'nav.jobs', ListOrdered, { page: 'jobs' }),
  page('requests', 'nav.requests', Hand, { page: 'requests' }),
  page('schedules', 'nav.schedules', CalendarClock, { page: 'schedules' }),
  page('timeline', 'nav.timeline', History, { page: 'timeline' }),
  page('reports', 'nav.reports', FileText, { page: 'reports' }),
  page('bulk', 'bulk.title', Layers, { page: 'bulk' }),
  ...manageTabs.map((tab) =>
    named(`page.manage.${tab}`, 'pages', ['manage.title', `manage.tab.${tab}`], ListChecks, () =>
      go({ page: 'manage', tab }),
    ),
  ),
  page('terminals', 'nav.terminals', SquareTerminal, { page: 'terminals' }),
  page('forwards', 'nav.forwards', Cable, { page: 'forwards' }),
  page('settings', 'nav.settings', Settings, { page: 'settings' }),
  page('add', 'palette.addMachine', Plus, { page: 'add' }),
];
