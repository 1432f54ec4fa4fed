import { go } from '../../lib/router.svelte.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { isOverlayOpen, isPlainKey, isTyping } from '../../lib/frame/shortcuts.ts';
import { askReboot } from '../maintenance/requests.svelte.ts';
import { refresh, upgrade } from './actions.ts';
import { view } from './view.svelte.ts';

/** What the keys act on: the selection, else the machine that the keyboard stands on. */
function targets() {
  if (view.selected.length > 0) return view.selected;
  const row = view.activeId === null ? undefined : fleet.rows.get(view.activeId);
  return row ? [row] : [];
}

const inList = (target: EventTarget | null): boolean =>
  target === document.body ||
  (target instanceof HTMLElement && (target.closest('[data-machine]') !== null || target.tagName === 'MAIN'));

/**
 * The keys of the fleet page. `columns`: tiles in a line, so that up and down move by lines; `focus` brings the machine
 * at a place of the list into view and gives it the focus.
 */
export function onFleetKey(event: KeyboardEvent, columns: number, focus: (index: number) => void): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
    if (isTyping(event.target) || isOverlayOpen()) return;
    event.preventDefault();
    view.selectShown(true);
    return;
  }
  if (!isPlainKey(event)) return;
  const handled = act(event, columns, focus);
  if (handled) event.preventDefault();
}

function act(event: KeyboardEvent, columns: number, focus: (index: number) => void): boolean {
  const ids = view.shownIds;
  const at = view.activeId === null ? -1 : ids.indexOf(view.activeId);
  const here = inList(event.target);
  /** The first key only shows where the keyboard stands. */
  const moved = (by: number): boolean => {
    if (ids.length === 0) return false;
    const started = document.activeElement?.closest('[data-machine]') !== null && at >= 0;
    focus(started ? Math.max(0, Math.min(ids.length - 1, at + by)) : Math.max(0, at));
    return true;
  };
  switch (event.key) {
    case 'j':
      return moved(1);
    case 'k':
      return moved(-1);
    case 'ArrowDown':
      return here && moved(columns);
    case 'ArrowUp':
      return here && moved(-columns);
    case 'ArrowRight':
      return here && columns > 1 && moved(1);
    case 'ArrowLeft':
      return here && columns > 1 && moved(-1);
    case 'Home':
      return here && ids.length > 0 && (focus(0), true);
    case 'End':
      return here && ids.length > 0 && (focus(ids.length - 1), true);
    case ' ': {
      const row = (event.target as HTMLElement).closest<HTMLElement>('[data-machine]');
      const onLink = event.target instanceof HTMLAnchorElement;
      const id = row?.dataset['machine'];
      if (!id || !onLink) return false;
      view.select(id, !view.isSelected(id), event.shiftKey);
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
    case 'u':
      upgrade(targets());
      return true;
    case 'a':
      go({ page: 'add' });
      return true;
    case 'Escape':
      if (view.selected.length > 0) view.clearSelection();
      else if (view.query) view.query = '';
      else return false;
      return true;
    default:
      return false;
  }
}
