import { view } from './view.svelte.ts';

let isRange = false;

/**
 * A click on a machine, before anything in it hears of it. Shift extends the selection from where it began, Ctrl (or ⌘)
 * switches one machine; a plain click on what is neither link nor control does the same. A checkbox switches itself
 * afterwards and asks `choose` for what Shift made of it.
 */
export function onMachineClick(event: MouseEvent): void {
  isRange = event.shiftKey;
  const target = event.target as HTMLElement;
  const place = target.closest<HTMLElement>('[data-machine]');
  const { machine: id, entry: key } = place?.dataset ?? {};
  if (!id || !key) return;
  if (target instanceof HTMLInputElement || target.closest('label, button, [role=menu]')) return;
  const isModified = event.shiftKey || event.ctrlKey || event.metaKey;
  if (target.closest('a') && !isModified) return;
  // Whoever marks a name or an address with the pointer wants to copy it.
  if (!isModified && getSelection()?.isCollapsed === false) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) {
    getSelection()?.removeAllRanges();
    view.selectRange({ key });
  } else view.select({ key, id }, !view.isSelected(id));
}

/** What a machine's checkbox does: one machine, or with Shift all from where the range began. */
export function choose(place: { key: string; id: string }, on: boolean): void {
  if (isRange) view.selectRange(place, on);
  else view.select(place, on);
  isRange = false;
}
