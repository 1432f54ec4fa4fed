import type { FileEntry } from '../../../shared/contract/files.ts';

/** What a person is asked about files before something is done. */
export type FileQuestion =
  | { readonly what: 'directory' }
  | { readonly what: 'rename'; readonly entry: FileEntry }
  | { readonly what: 'mode'; readonly entries: readonly FileEntry[] }
  | { readonly what: 'remove'; readonly entries: readonly FileEntry[] };
