import { preferences } from './preferences.svelte.ts';

/** Percent. */
export const zooms = { step: 10, least: 80, most: 200 } as const;

/** What was asked for and is not stored yet: two quick clicks are two steps. */
let asked: number | null = null;

export async function zoomTo(percent: number): Promise<void> {
  const wanted = Math.min(zooms.most, Math.max(zooms.least, percent));
  asked = wanted;
  try {
    await preferences.set({ zoomPercent: wanted });
  } finally {
    if (asked === wanted) asked = null;
  }
}

/** Steps in or, below 0, out, from where the last click has led. */
export const zoomBy = (steps: number): Promise<void> =>
  zoomTo((asked ?? preferences.value.zoomPercent) + steps * zooms.step);
