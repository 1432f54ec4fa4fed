const { compare } = new Intl.Collator('en', { numeric: true });

/** Sorts machines as a person reads their names, `web-2` before `web-10`; equal names by id, so that pages are stable. */
export function byName(a: { id: string; name: string }, b: { id: string; name: string }): number {
  return compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}
