import { languageOf, type Language } from '../../../shared/words/language.ts';

/** The first language of the system that the catalogues speak; English if none. */
export function systemLanguage(): Language {
  for (const tag of navigator.languages) {
    const found = languageOf(tag);
    if (found) return found;
  }
  return 'en';
}

let preference = $state<'system' | Language>('system');

/** The language of the interface. `tag` keeps the region of the system (dates, numbers) when the language is the same. */
export const locale = {
  get language(): Language {
    return preference === 'system' ? systemLanguage() : preference;
  },
  get tag(): string {
    const language = this.language;
    return navigator.languages.find((tag) => languageOf(tag) === language) ?? language;
  },
  set(value: 'system' | Language): void {
    preference = value;
    const root = document.documentElement;
    if (root.lang !== this.language) root.lang = this.language;
  },
};

/** A language by its own name, as a list of languages shows it. */
export function languageName(language: Language): string {
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
