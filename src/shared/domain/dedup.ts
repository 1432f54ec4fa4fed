/**
 * Keys under which one and the same update, seen on many machines, is counted, researched and shown once.
 * `|` separates the fields; a `|` inside a field is written `%7C` and a `%` as `%25`, so that two updates never share a key.
 */
const key = (...fields: readonly (string | null | undefined)[]): string =>
  fields.map((field) => (field ?? '').replaceAll('%', '%25').replaceAll('|', '%7C')).join('|');

/** `os_family|package|from|to|origin`; what is null or absent stays empty. */
export function dedupKey(
  osFamily: string,
  packageName: string,
  from: string | null,
  to: string | null,
  origin: string | null | undefined,
): string {
  return key(osFamily, packageName, from, to, origin);
}

export interface ImageChange {
  readonly image: string;
  readonly fromDigest?: string | null | undefined;
  readonly toDigest?: string | null | undefined;
  readonly fromImageId?: string | null | undefined;
  readonly toImageId?: string | null | undefined;
}

/** `image|fromDigest|toDigest`, with an image id where a digest is missing. */
export function dockerDedupKey(change: ImageChange): string {
  return key(change.image, change.fromDigest ?? change.fromImageId, change.toDigest ?? change.toImageId);
}
