import type { FileBrowser } from './browser.svelte.ts';

/** What keys of the list do beside moving in it. */
export interface FileKeyActions {
  rename(): void;
  remove(): void;
  editPath(): void;
  filter(): void;
}

/** True: the key was one of these. What moves in the list and chooses is the list's own. */
export function fileKey(event: KeyboardEvent, browser: FileBrowser, act: FileKeyActions): boolean {
  const control = event.ctrlKey || event.metaKey;
  const letter = control ? event.key.toLowerCase() : '';
  const chosen = browser.selection.length;
  if (event.key === 'Backspace' || (event.altKey && event.key === 'ArrowUp')) void browser.up();
  else if (event.altKey && event.key === 'ArrowLeft') void browser.back();
  else if (event.key === 'F5' || letter === 'r') void browser.refresh();
  else if (event.key === 'F2' && chosen === 1) act.rename();
  else if (event.key === 'Delete' && chosen > 0) act.remove();
  else if (letter === 'l') act.editPath();
  else if (letter === 'h') browser.showHidden = !browser.showHidden;
  else if (letter === 'f') act.filter();
  else return false;
  return true;
}
