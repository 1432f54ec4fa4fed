import { untrack } from 'svelte';

export type ToastTone = 'ok' | 'info' | 'warning' | 'danger';
/** What is said, asked for each time it is shown, so that it follows the language. */
export type Words = () => string;
export interface Toast {
  id: number;
  tone: ToastTone;
  text: Words;
  detail?: Words;
  action?: { label: Words; run: () => void };
}

const shownMs = 6_000;
/** Bad news stays long enough to be read twice. */
const dangerShownMs = 15_000;
const most = 4;

let items = $state.raw<Toast[]>([]);
let lastId = 0;
let paused = false;
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing renders it
const timers = new Map<number, { timer: ReturnType<typeof setTimeout>; ms: number }>();

function arm(id: number, ms: number): void {
  clearTimeout(timers.get(id)?.timer);
  timers.set(id, {
    ms,
    timer: setTimeout(() => {
      if (paused) arm(id, 1_000);
      else toasts.dismiss(id);
    }, ms),
  });
}

/** Short news at the edge of the window; also read out by a live region. */
export const toasts = {
  get items(): readonly Toast[] {
    return items;
  },
  show(toast: Omit<Toast, 'id'>): void {
    const shown = untrack(() => {
      const said = toast.text();
      return items.find(({ tone, text }) => tone === toast.tone && text() === said);
    });
    const id = shown?.id ?? ++lastId;
    // The same news again stays where it is, with its newest action, for as long as if it were new.
    if (shown) items = items.map((item) => (item.id === id ? { ...toast, id } : item));
    else items = [...items, { ...toast, id }].slice(-most);
    arm(id, toast.tone === 'danger' || toast.action ? dangerShownMs : shownMs);
  },
  dismiss(id: number): void {
    clearTimeout(timers.get(id)?.timer);
    timers.delete(id);
    items = items.filter((item) => item.id !== id);
  },
  /** While the pointer or the focus is on the news, nothing disappears. */
  hold(on: boolean): void {
    paused = on;
  },
};
