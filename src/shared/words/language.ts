export const languages = ['en', 'fr'] as const;
export type Language = (typeof languages)[number];

/** The language of a tag as browsers (`fr-CA`) and POSIX locales (`fr_FR.UTF-8`) write it; null: the catalogues do not speak it. */
export function languageOf(tag: string): Language | null {
  const primary = tag.toLowerCase().split(/[-_.@]/, 1)[0];
  return languages.find((language) => language === primary) ?? null;
}
