/** As long as xterm's own two halves. */
const halfMs = 500;

/** What is used of xterm. */
export interface Blinking {
  readonly textarea: HTMLTextAreaElement | undefined;
  onRender(listener: () => void): unknown;
}

/**
 * Blinks the cursor that is drawn with elements, by the class `cursor-away` that stops xterm's animation in its other half
 * (`TerminalPane.svelte`). Left to itself that animation, of two steps a second, has the browser work out the page's styles 60
 * times a second for as long as a terminal has the keyboard. Call it once the terminal is open.
 */
export function blinkCursor(element: HTMLElement, terminal: Blinking): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  /** A cursor that moves is seen. */
  let hasDrawn = false;
  const show = (isSeen: boolean): void => {
    element.classList.toggle('cursor-away', !isSeen);
  };
  const tick = (): void => {
    if (!element.isConnected) return stop();
    const isBlinking = !hasDrawn && element.querySelector('.xterm-cursor-blink') !== null;
    show(!isBlinking || element.classList.contains('cursor-away'));
    hasDrawn = false;
  };
  const stop = (): void => {
    clearInterval(timer);
    show(true);
  };
  terminal.onRender(() => {
    hasDrawn = true;
  });
  terminal.textarea?.addEventListener('focus', () => {
    stop();
    timer = setInterval(tick, halfMs);
  });
  terminal.textarea?.addEventListener('blur', stop);
}
