import type { ErrorData, ErrorKind } from '../../shared/domain/errors.ts';

/** What every parser here gives: the value, or why the text cannot be believed. Parsers never throw on any text. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ParseFailure };

export interface ParseFailure {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly data?: ErrorData;
}

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const failed = (
  kind: ErrorKind,
  message: string,
  data?: ErrorData,
): { ok: false; error: ParseFailure } => ({
  ok: false,
  error: data ? { kind, message, data } : { kind, message },
});

export const unparseable = (message: string, data?: ErrorData): { ok: false; error: ParseFailure } =>
  failed('output_unparseable', message, data);
