import { currentLanguage } from '../../gateway/language.ts';
import type { AppError, ErrorKind } from '../../shared/domain/errors.ts';
import { errorWords } from '../../shared/words/error-words.ts';
import { createTranslate } from '../../shared/words/translator.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

/** What the command line says, in the language of this process. */
export const t = createTranslate({ en, fr }, currentLanguage);

/** The step that a job reports, by its name in the catalogue, or as it is. */
export const stepText = (step: string): string => {
  const key = `step.${step}`;
  return key in en ? t(key as 'step.connect') : step;
};

/** What failed, in one line: no host's output is in it. */
export const failureText = (
  { kind, data }: { readonly kind: ErrorKind; readonly data: Record<string, unknown> },
  name?: string,
): string => t('cli.jobs.failure', { title: errorWords(currentLanguage(), kind, data, name).title, kind });

/** Kinds whose catalogue text is the same for many causes: what was refused stands in the error alone, in English. */
const general: readonly ErrorKind[] = ['not_found', 'conflict', 'not_allowed', 'internal'];

/** An error that ends the command: what happened, what to do, and its kind, by which it can be looked for. */
export function errorText(error: AppError): string {
  const { code: kind, data, message, cause } = error;
  const { title, remedy } = errorWords(currentLanguage(), kind, data);
  if (!general.includes(kind)) return t('cli.error', { title, remedy, kind });
  const why = kind === 'internal' && cause instanceof Error ? cause.message : message;
  return t('cli.errorWhy', { title, why: /[.!?]$/.test(why) ? why : `${why}.`, remedy, kind });
}
