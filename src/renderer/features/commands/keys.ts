import { electronHostName } from '../../../shared/wire/page-port.ts';
import type { MessageKey } from '../../lib/i18n/index.ts';

/** A key and what it does, as the list of keys shows it. `command`: the command of the palette that does the same. */
export interface KeyOf {
  readonly keys: readonly string[];
  readonly text: MessageKey;
  readonly command?: string;
  /** The menu of the desktop answers to it; in a browser the key is the browser's own. */
  readonly ofHost?: boolean;
}

/** Every key of the application. What the palette offers takes its keys from here; so does the list of keys. */
export const keyGroups = [
  {
    title: 'keys.everywhere',
    rows: [
      { keys: ['/', 'Ctrl K'], text: 'keys.search', command: 'palette' },
      { keys: ['?'], text: 'keys.help', command: 'keys' },
      { keys: ['n'], text: 'keys.notifications', command: 'notifications' },
      { keys: ['g f'], text: 'nav.fleet', command: 'page.fleet' },
      { keys: ['g u'], text: 'nav.updates', command: 'page.updates' },
      { keys: ['g j'], text: 'nav.jobs', command: 'page.jobs' },
      { keys: ['g a'], text: 'nav.requests', command: 'page.requests' },
      { keys: ['g c'], text: 'nav.schedules', command: 'page.schedules' },
      { keys: ['g t'], text: 'nav.timeline', command: 'page.timeline' },
      { keys: ['g r'], text: 'nav.reports', command: 'page.reports' },
      { keys: ['g s'], text: 'nav.settings', command: 'page.settings' },
      { keys: ['Ctrl +'], text: 'settings.zoom.in', command: 'zoom.in', ofHost: true },
      { keys: ['Ctrl -'], text: 'settings.zoom.out', command: 'zoom.out', ofHost: true },
      { keys: ['Ctrl 0'], text: 'settings.zoom.reset', command: 'zoom.reset', ofHost: true },
    ],
  },
  {
    title: 'keys.targets',
    rows: [
      { keys: ['r'], text: 'keys.refresh', command: 'target.refresh' },
      { keys: ['u'], text: 'keys.upgrade', command: 'target.upgrade' },
      { keys: ['t'], text: 'terminals.open', command: 'target.terminal' },
      { keys: ['⇧ R'], text: 'keys.reboot', command: 'target.reboot' },
    ],
  },
  {
    title: 'keys.fleet',
    rows: [
      { keys: ['j', 'k', '↓', '↑'], text: 'keys.move' },
      { keys: ['PgUp', 'PgDn'], text: 'fleet.keys.page' },
      { keys: ['←', '→'], text: 'fleet.keys.fold' },
      { keys: ['␣', 'x'], text: 'keys.select' },
      { keys: ['⇧ ↓', '⇧ ␣'], text: 'fleet.keys.range' },
      { keys: ['Ctrl A'], text: 'keys.selectAll' },
      { keys: ['↵'], text: 'keys.openMachine' },
      { keys: ['a'], text: 'keys.add', command: 'page.add' },
      { keys: ['f'], text: 'fleet.keys.filter' },
      { keys: ['v'], text: 'fleet.keys.layout', command: 'layout' },
      { keys: ['e'], text: 'fleet.keys.tile' },
      { keys: ['s'], text: 'fleet.keys.sortAgain' },
      { keys: ['Alt ←', 'Alt →'], text: 'fleet.keys.column' },
      { keys: ['Esc'], text: 'keys.clear' },
    ],
  },
  {
    title: 'keys.jobs',
    rows: [
      { keys: ['l'], text: 'queue.keys.log' },
      { keys: ['Alt ↑', 'Alt ↓'], text: 'queue.keys.order' },
      { keys: ['Del'], text: 'queue.keys.cancel' },
      { keys: ['p'], text: 'queue.keys.pause' },
    ],
  },
  {
    title: 'schedule.keys',
    rows: [
      { keys: ['c'], text: 'schedule.keys.new' },
      { keys: ['e'], text: 'schedule.keys.edit' },
      { keys: ['⇧ ↵'], text: 'schedule.keys.run' },
      { keys: ['o'], text: 'schedule.keys.toggle' },
      { keys: ['⇧ Del'], text: 'schedule.keys.remove' },
    ],
  },
] as const satisfies readonly { title: MessageKey; rows: readonly KeyOf[] }[];

const rows: readonly KeyOf[] = keyGroups.flatMap((group): readonly KeyOf[] => group.rows);
const inElectron = Reflect.get(globalThis, 'homeportHost') === electronHostName;

/** Whether the application answers to that key where it runs now. */
export const isAnswered = (row: KeyOf): boolean => inElectron || row.ofHost !== true;

/** The keys of a command, if it has any. */
export const keysOf = (command: string): readonly string[] | undefined =>
  rows.find((row) => row.command === command && isAnswered(row))?.keys;

/** Whether the menu answers to the keys of that command, and not the page. */
export const isKeyOfHost = (command: string): boolean =>
  rows.some((row) => row.command === command && row.ofHost === true);

/** A key as Electron writes it; undefined for two keys one after the other. */
export function acceleratorOf(key: string): string | undefined {
  const [, modifier = '', last = ''] = /^(?:(Ctrl|⇧|Alt) )?(\S)$/.exec(key) ?? [];
  if (last === '') return undefined;
  const prefix = { '': '', Ctrl: 'CmdOrCtrl+', '⇧': 'Shift+', Alt: 'Alt+' }[modifier] ?? '';
  return `${prefix}${last === '+' ? 'Plus' : last.toUpperCase()}`;
}

/**
 * The command of a key that was pressed. `first` is the key before it where that was `g`. Keys of the fleet's list are not
 * here: they act on where the keyboard stands in it.
 */
export function commandOfKey(key: string, isShift: boolean, first: string | null): string | undefined {
  const pressed =
    first === null
      ? isShift && key.length === 1 && key !== '?'
        ? `⇧ ${key.toUpperCase()}`
        : key
      : `${first} ${key}`;
  return rows.find((row) => row.keys.includes(pressed))?.command;
}
