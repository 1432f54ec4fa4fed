import type { ErrorKind } from '../../../shared/domain/errors.ts';
import { errorParams } from '../../../shared/words/error-params.ts';
import { languages } from '../../../shared/words/language.ts';
import { render, type Catalogue, type ParamsOf, type ParamValue } from '../../../shared/words/message.ts';
import { clock } from '../state/clock.svelte.ts';
import { en } from './en/index.ts';
import * as format from './format.ts';
import { fr } from './fr/index.ts';
import { locale } from './locale.svelte.ts';

export type MessageKey = keyof typeof en;
const catalogues: Record<'en' | 'fr', Catalogue> = { en, fr };

/** The text of a key in the current language, with its parameters; both are checked by the compiler. */
export function t<K extends MessageKey>(key: K, ...args: ParamsOf<(typeof en)[K]>): string {
  return translate(key, args[0] ?? {});
}

function translate(key: MessageKey, params: Readonly<Record<string, ParamValue>>): string {
  return render(catalogues[locale.language][key] ?? en[key], locale.tag, params);
}

/** The text of a key in every language, the current one first: a command is found by any of its names. */
export function inEveryLanguage<K extends MessageKey>(key: K, ...args: ParamsOf<(typeof en)[K]>): string[] {
  const names = languages.map((language) =>
    render(catalogues[language][key] ?? en[key], language, args[0] ?? {}),
  );
  return [...new Set([t(key, ...args), ...names])];
}

/** For a key that comes from data (a step's name, a package operation): the catalogue's text, or `fallback` as it is. */
export function tMaybe(key: string, fallback: string): string {
  return key in en ? translate(key as MessageKey, {}) : fallback;
}

/** What happened, in the reader's language. `name` is the machine's, for errors whose data does not carry it. */
export function errorTitle(kind: ErrorKind, data: Record<string, unknown> = {}, name?: string): string {
  return translate(`error.${kind}.title`, errorParams(catalogues[locale.language], data, name));
}

/** What to do about it. */
export function errorRemedy(kind: ErrorKind, data: Record<string, unknown> = {}, name?: string): string {
  return translate(`error.${kind}.remedy`, errorParams(catalogues[locale.language], data, name));
}

export const formatNumber = (value: number, digits = 0): string =>
  format.numberText(locale.tag, value, digits);
export const formatPercent = (value: number): string => format.percentText(locale.tag, value);
export const formatBytes = (sizeBytes: number): string => format.bytesText(locale.tag, sizeBytes);
export const formatDateTime = (iso: string): string => format.dateTimeText(locale.tag, iso);
export const formatDate = (iso: string): string => format.dateText(locale.tag, iso);
export const formatTime = (iso: string): string => format.timeText(locale.tag, iso);
export const formatDuration = (durationMs: number): string => format.durationText(locale.tag, durationMs);
/** "3 minutes ago"; follows the clock by itself. */
export const formatRelative = (iso: string, style: 'long' | 'short' | 'narrow' = 'long'): string =>
  format.relativeText(locale.tag, iso, clock.nowMs, style);
