import type { Preferences, PreferencesPatch } from '../contract/models.ts';
import { given } from './given.ts';

/** The preferences with a change made: what it does not name, or names as undefined, stays, also within `terminal`. */
export function patchPreferences(before: Preferences, patch: PreferencesPatch): Preferences {
  const { terminal, ...others } = patch;
  return {
    ...before,
    ...given(others),
    terminal: { ...before.terminal, ...given(terminal ?? {}) },
  };
}
