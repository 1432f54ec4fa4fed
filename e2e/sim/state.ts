import type { Chromium } from './chromium.ts';

/** What the parts of the simulation share. One process simulates one application. */
export const state: {
  appDir: string;
  version: string;
  isReady: boolean;
  chromium: Chromium | null;
} = { appDir: '', version: '0.0.0', isReady: false, chromium: null };

/** The running Chromium. @throws before the app is ready, where Electron would refuse as well */
export function chromium(): Chromium {
  if (!state.chromium) throw new Error('Not before the app is ready');
  return state.chromium;
}

/** What a test may want to know about the inside, on standard error. */
export const note = (text: string): void => {
  console.error(`sim: ${text}`);
};

/** An event of Electron's that may be prevented. */
export function preventable<T extends object>(fields: T) {
  const event = {
    ...fields,
    defaultPrevented: false,
    preventDefault: () => {
      event.defaultPrevented = true;
    },
  };
  return event;
}
