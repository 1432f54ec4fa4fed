import type { Preferences, PreferencesPatch } from '../contract/models.ts';

/** The preferences with a change made: what it does not name, or names as undefined, stays, also within `terminal`. */
export function patchPreferences(before: Preferences, patch: PreferencesPatch): Preferences {
  const { terminal, ...others } = patch;
  return {
    ...before,
    ...(given(others) as Partial<Preferences>),
    terminal: { ...before.terminal, ...given(terminal ?? {}) },
  };
}

const given = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
