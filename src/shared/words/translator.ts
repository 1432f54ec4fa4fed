import type { Language } from './language.ts';
import { render, type Catalogue, type Message, type ParamsOf, type ParamValue } from './message.ts';

/** The text of a key; key and parameters are checked by the compiler. */
export type Translate<C extends Catalogue> = <K extends keyof C & string>(
  key: K,
  ...args: ParamsOf<C[K]>
) => string;

/** Speaks one catalogue, in the language that `language` names at the time. */
export function createTranslate<const C extends Catalogue>(
  catalogues: { readonly en: C; readonly fr: Readonly<Record<keyof C, Message>> },
  language: () => Language,
): Translate<C> {
  return (key, ...args) => {
    const params = (args[0] ?? {}) as Readonly<Record<string, ParamValue>>;
    const current = language();
    const catalogue: Readonly<Record<keyof C, Message>> = catalogues[current];
    return render(catalogue[key], current, params);
  };
}
