/** Names that are chosen in a directory; a change makes another set. */
export type Selection = ReadonlySet<string>;

export const chosen = (names: readonly string[] = []): Selection => new Set(names);

/** The same with that name in or out. */
export function toggled(selection: Selection, name: string): Selection {
  const next = new Set(selection);
  if (!next.delete(name)) next.add(name);
  return next;
}

/** What is chosen and still there. */
export function stillThere(selection: Selection, names: readonly string[]): Selection {
  return new Set(names.filter((name) => selection.has(name)));
}
