/** True where letters are text: shortcuts of one key must not act there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // What is typed in a shadow tree seems typed on its host.
  if (target.shadowRoot?.activeElement) return isTyping(target.shadowRoot.activeElement);
  // A list in which letters lead to a row.
  if (target.dataset['typeahead'] !== undefined) return true;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return (
    target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type)
  );
}

/** True while a dialog or a menu has the keyboard. */
export const isOverlayOpen = (): boolean =>
  document.querySelector(
    '[role="dialog"][data-state="open"], [role="menu"], [role="listbox"][data-state="open"]',
  ) !== null;

/** A single key without modifiers, outside of text and overlays. */
export function isPlainKey(event: KeyboardEvent): boolean {
  return (
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    !event.isComposing &&
    !event.defaultPrevented &&
    !isTyping(event.target) &&
    !isOverlayOpen()
  );
}
