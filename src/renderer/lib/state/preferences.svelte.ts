import {
  defaultPreferences,
  type Preferences,
  type PreferencesPatch,
} from '../../../shared/contract/models.ts';
import { createPending } from './pending.ts';
import { api, watch } from '../api.ts';
import { patchPreferences } from '../../../shared/domain/preferences-patch.ts';
import { locale } from '../i18n/locale.svelte.ts';
import { perform } from '../perform.ts';

const hintKey = 'homeport.appearance';
const darkQuery = matchMedia('(prefers-color-scheme: dark)');

const pending = createPending({ ...defaultPreferences, ...readHint() }, patchPreferences);
let value = $state.raw<Preferences>(pending.value);
let loaded = $state(false);
let systemDark = $state(darkQuery.matches);
darkQuery.addEventListener('change', () => {
  systemDark = darkQuery.matches;
  apply();
});

/** Preferences of the interface; the database holds them, this is what it last said. */
export const preferences = {
  get value(): Preferences {
    return value;
  },
  /** False until the database has said what it holds; until then there are defaults and the hint. */
  get loaded(): boolean {
    return loaded;
  },
  get theme(): 'light' | 'dark' {
    return value.theme === 'system' ? (systemDark ? 'dark' : 'light') : value.theme;
  },
  /** Pixels of a length in rem at the present zoom; for what must be positioned by number (virtual lists). */
  px(rem: number): number {
    return (rem * 16 * value.zoomPercent) / 100;
  },
  /**
   * Changes what is named; it holds in this window at once. Two changes one shortly after the other both hold. False
   * when the core refused (and the reader was told why): then it is as before.
   */
  async set(change: PreferencesPatch): Promise<boolean> {
    const settle = pending.begin(change);
    take();
    const saved = await perform(() => api['preferences.set'](change));
    settle(saved);
    take();
    return saved !== undefined;
  },
};

export function followPreferences(): void {
  apply();
  watch('preferences.watch', {}, (next) => {
    loaded = true;
    pending.take(next);
    take();
  });
}

function take(): void {
  value = pending.value;
  apply();
}

/** The page's root carries the appearance; `public/theme.js` repeats it from the hint before the first paint. */
function apply(): void {
  const { dataset, style } = document.documentElement;
  // Writing even the same value makes the browser work out the styles of the whole page again.
  if (dataset['theme'] !== preferences.theme) dataset['theme'] = preferences.theme;
  if (dataset['density'] !== value.density) dataset['density'] = value.density;
  const fontSize = `${(16 * value.zoomPercent) / 100}px`;
  if (style.fontSize !== fontSize) style.fontSize = fontSize;
  locale.set(value.language);
  const { theme, density, zoomPercent, language } = value;
  try {
    localStorage.setItem(hintKey, JSON.stringify({ theme, density, zoomPercent, language }));
  } catch (error) {
    // The hint only avoids a flash; without storage the page still comes up right a moment later.
    console.warn('The appearance hint could not be kept', error);
  }
}

function readHint(): Partial<Preferences> {
  try {
    const hint = JSON.parse(localStorage.getItem(hintKey) ?? '{}') as Partial<Preferences>;
    const known: Partial<Preferences> = {};
    if (hint.theme === 'light' || hint.theme === 'dark' || hint.theme === 'system') known.theme = hint.theme;
    if (hint.density === 'compact' || hint.density === 'comfortable') known.density = hint.density;
    if (hint.language === 'en' || hint.language === 'fr') known.language = hint.language;
    if (typeof hint.zoomPercent === 'number') known.zoomPercent = hint.zoomPercent;
    return known;
  } catch (error) {
    console.warn('The appearance hint could not be read', error);
    return {};
  }
}
