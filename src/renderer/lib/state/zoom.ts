import { preferences } from './preferences.svelte.ts';

/** Percent. */
export const zooms = { step: 10, least: 80, most: 200 } as const;

export async function zoomTo(percent: number): Promise<void> {
  await preferences.set({ zoomPercent: Math.min(zooms.most, Math.max(zooms.least, percent)) });
}

/** Steps in or, below 0, out, from where the last click has led. */
export const zoomBy = (steps: number): Promise<void> =>
  zoomTo(preferences.value.zoomPercent + steps * zooms.step);
