import type { CoreContext } from '../context.ts';
import { readPreferences } from '../preferences/index.ts';
import type { ReportLanguage } from './words.ts';

/** Reports are written in the interface's language; `system` follows this process's locale. */
export function reportLanguage(context: CoreContext): ReportLanguage {
  const { language } = readPreferences(context);
  if (language !== 'system') return language;
  return Intl.DateTimeFormat().resolvedOptions().locale.startsWith('fr') ? 'fr' : 'en';
}
