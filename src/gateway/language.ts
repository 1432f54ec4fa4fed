import path from 'node:path';
import { storedLanguage } from '../core/preferences/stored-language.ts';
import { languageOf, type Language } from '../shared/words/language.ts';

/**
 * POSIX.1-2024, 8.2: the first of these that is set and not empty decides. Where none is (Windows), what the runtime was
 * told by the system. What the catalogues do not speak, `C` included, is English.
 */
export function systemLanguage(env: NodeJS.ProcessEnv): Language {
  const tag = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(Boolean);
  return languageOf(tag ?? Intl.DateTimeFormat().resolvedOptions().locale) ?? 'en';
}

/** The language of the application's setting where there is one, else the system's. */
export function hostLanguage(dataDir: string, env: NodeJS.ProcessEnv = process.env): Language {
  const stored = storedLanguage(path.join(dataDir, 'homeport.db'));
  return stored === null || stored === 'system' ? systemLanguage(env) : stored;
}

let current: Language = 'en';

/** The language in which this process speaks to its terminal. */
export const currentLanguage = (): Language => current;
export function speak(language: Language): void {
  current = language;
}
