import type { ErrorKind } from '../domain/errors.ts';
import { en } from './en/index.ts';
import { errorParams } from './error-params.ts';
import { fr } from './fr/index.ts';
import type { Language } from './language.ts';
import { render, type Catalogue, type Message } from './message.ts';

const catalogues: Record<Language, Catalogue & Record<`error.${ErrorKind}.${'title' | 'remedy'}`, Message>> =
  {
    en,
    fr,
  };

/** What happened and what to do, outside the page. `name` is the machine's, for errors whose data does not carry it. */
export function errorWords(
  language: Language,
  kind: ErrorKind,
  data: Record<string, unknown> = {},
  name?: string,
): { readonly title: string; readonly remedy: string } {
  const catalogue = catalogues[language];
  const params = errorParams(catalogue, data, name);
  return {
    title: render(catalogue[`error.${kind}.title`], language, params),
    remedy: render(catalogue[`error.${kind}.remedy`], language, params),
  };
}
