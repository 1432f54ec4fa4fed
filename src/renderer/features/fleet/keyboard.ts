import { go } from '../../lib/router.svelte.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { isOverlayOpen, isPlainKey, isTyping } from '../../lib/frame/shortcuts.ts';
import { askReboot } from '../maintenance/requests.svelte.ts';
import { openTerminals } from '../terminals/terminals.svelte.ts';
import { refresh, upgrade } from './actions.ts';
import { stopAfter, stopAt, type Move, type Stop } from './lines.ts';
import { toggleTiles } from './tile-mode.ts';
import { view } from './view.svelte.ts';

/** What the keys ask of the page: to bring a place into view and focus it, or to focus the search. */
export interface FleetFocus {
  stop(stop: Stop): void;
  search(): void;
}

/** What the keys act on: the selection, else the machine that the keyboard stands on. */
function targets() {
  if (view.selected.length > 0) return view.selected;
  const row = view.activeId === null ? undefined : fleet.rows.get(view.activeId);
  return row ? [row] : [];
}

const isInEntry = (element: Element | null): boolean => Boolean(element?.closest('[data-entry]'));
const inList = (target: EventTarget | null): boolean =>
  target === document.body ||
  (target instanceof HTMLElement && (target.closest('[data-entry]') !== null || target.tagName === 'MAIN'));

/** Up and down are lines, left and right places; in the table they are the same. */
const arrows: Record<string, Move> = {
  ArrowDown: 'down',
  ArrowUp: 'up',
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  Home: 'first',
  End: 'last',
  PageDown: 'page-down',
  PageUp: 'page-up',
};
const letters: Record<string, Move> = { j: 'next', k: 'previous', J: 'next', K: 'previous' };

/** The keys of the fleet page. */
export function onFleetKey(event: KeyboardEvent, focus: FleetFocus): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
    if (isTyping(event.target) || isOverlayOpen()) return;
    event.preventDefault();
    view.selectAll(view.shownIds, true);
    return;
  }
  if (!isPlainKey(event)) return;
  if (moved(event, focus) || act(event, focus)) event.preventDefault();
}

function moved(event: KeyboardEvent, focus: FleetFocus): boolean {
  const arrow = inList(event.target) ? arrows[event.key] : undefined;
  const move = letters[event.key] ?? arrow;
  if (move === undefined) return false;
  const { lines, activeKey } = view;
  const at = stopAt(lines, activeKey);
  const line = at ? lines[at.line] : undefined;
  // On the head of a group, right unfolds and left folds it.
  if (line?.kind === 'head' && !event.shiftKey) {
    if (event.key === 'ArrowRight' && line.folded) return (view.fold(line.group.key, false), true);
    if (event.key === 'ArrowLeft' && !line.folded) return (view.fold(line.group.key, true), true);
  }
  // The table has one machine a line: left and right are for what is in it.
  if (view.layout === 'table' && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) return false;
  // The first key only shows where the keyboard stands.
  const hasStarted = at !== null && isInEntry(document.activeElement);
  const to = hasStarted || move === 'first' || move === 'last' ? stopAfter(lines, activeKey, move) : at;
  if (!to) return false;
  if (event.shiftKey) view.selectRange({ key: to.key });
  focus.stop(to);
  return true;
}

function act(event: KeyboardEvent, focus: FleetFocus): boolean {
  switch (event.key) {
    case ' ':
    case 'x': {
      const place = (event.target as HTMLElement).closest<HTMLElement>('[data-machine]');
      const { machine: id, entry: key } = place?.dataset ?? {};
      // On a button or a checkbox the space bar is that one's own.
      if (!id || !key || (event.key === ' ' && !(event.target instanceof HTMLAnchorElement))) return false;
      if (event.shiftKey) view.selectRange({ key });
      else view.select({ key, id }, !view.isSelected(id));
      return true;
    }
    case 'Enter': {
      if (event.target !== document.body || view.activeId === null) return false;
      go({ page: 'machine', id: view.activeId });
      return true;
    }
    case 'r':
      void refresh(targets());
      return true;
    case 'R':
      // With the caps lock on, a plain r arrives as R.
      if (event.shiftKey) askReboot(targets());
      else void refresh(targets());
      return true;
    case 't': {
      const rows = targets();
      if (rows.length === 0) return false;
      openTerminals(rows);
      return true;
    }
    case 'u':
      upgrade(targets());
      return true;
    case 'a':
      go({ page: 'add' });
      return true;
    case 'f':
      focus.search();
      return true;
    case 'v':
      void preferences.set({ fleetView: view.layout === 'table' ? 'tiles' : 'table' });
      return true;
    case 'e':
      if (view.layout !== 'tiles') return false;
      toggleTiles(targets().map((row) => row.id));
      return true;
    case 's': {
      if (!view.orderChanged) return false;
      view.sortAgain();
      const at = stopAt(view.lines, view.activeKey);
      if (at && isInEntry(document.activeElement)) focus.stop(at);
      return true;
    }
    case 'Escape':
      if (view.selected.length > 0) view.clearSelection();
      else if (view.query) view.query = '';
      else return false;
      return true;
    default:
      return false;
  }
}
