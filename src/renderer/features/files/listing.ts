import type { FileEntry } from '../../../shared/contract/files.ts';

export type SortKey = 'name' | 'size' | 'modified' | 'mode' | 'owner';
export interface Sorting {
  readonly key: SortKey;
  readonly descending: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** What opens like a directory does: itself, or a link that leads to one. */
export const isDirectory = (entry: FileEntry): boolean =>
  entry.kind === 'directory' || entry.linkKind === 'directory';

const compare: Record<SortKey, (a: FileEntry, b: FileEntry) => number> = {
  name: () => 0,
  size: (a, b) => a.sizeBytes - b.sizeBytes,
  modified: (a, b) => a.modifiedAt - b.modifiedAt,
  mode: (a, b) => a.mode - b.mode,
  owner: (a, b) => collator.compare(a.owner, b.owner) || collator.compare(a.group, b.group),
};

/** Directories first, then as asked, then by name; hidden ones only when wanted. */
export function arrange(
  entries: readonly FileEntry[],
  sorting: Sorting,
  options: { readonly showHidden: boolean; readonly filter: string },
): FileEntry[] {
  const wanted = options.filter.trim().toLocaleLowerCase();
  const turn = sorting.descending ? -1 : 1;
  return entries
    .filter(
      ({ name }) =>
        (options.showHidden || !name.startsWith('.')) &&
        (wanted === '' || name.toLocaleLowerCase().includes(wanted)),
    )
    .sort(
      (a, b) =>
        Number(isDirectory(b)) - Number(isDirectory(a)) ||
        turn * compare[sorting.key](a, b) ||
        (sorting.key === 'name' ? turn : 1) *
          (collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1)),
    );
}

/** The row that typing some letters leads to, from the row after `from` on; -1: none. */
export function rowByLetters(shown: readonly FileEntry[], from: number, letters: string): number {
  const wanted = letters.toLocaleLowerCase();
  for (let step = letters.length > 1 ? 0 : 1; step <= shown.length; step += 1) {
    const at = (Math.max(0, from) + step) % shown.length;
    if (shown[at]?.name.toLocaleLowerCase().startsWith(wanted)) return at;
  }
  return -1;
}
