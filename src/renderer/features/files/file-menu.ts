import ClipboardCopy from '@lucide/svelte/icons/clipboard-copy';
import Download from '@lucide/svelte/icons/download';
import FilePen from '@lucide/svelte/icons/file-pen';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import KeyRound from '@lucide/svelte/icons/key-round';
import Pencil from '@lucide/svelte/icons/pencil';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { FileEntry } from '../../../shared/contract/files.ts';
import { t } from '../../lib/i18n/index.ts';
import type { MenuItem } from '../../lib/ui/menu-item.ts';
import type { FileQuestion } from './file-question.ts';
import { isDirectory } from './listing.ts';

export interface FileMenuActions {
  open(entry: FileEntry): void;
  edit(entry: FileEntry): void;
  fetchAll(entries: readonly FileEntry[]): void;
  copyPath(entry: FileEntry): void;
  ask(question: FileQuestion): void;
}

const isFile = (entry: FileEntry): boolean => !isDirectory(entry) && entry.kind !== 'other';

/** What can be done with what is chosen. */
export function fileMenu(selection: readonly FileEntry[], act: FileMenuActions): MenuItem[] {
  const items: MenuItem[] = [];
  const only = selection.length === 1 ? selection[0] : undefined;
  if (only && isDirectory(only)) {
    items.push({ label: t('files.open'), icon: FolderOpen, run: () => act.open(only) });
  } else if (only && isFile(only)) {
    items.push({ label: t('files.edit'), icon: FilePen, run: () => act.edit(only) });
  }
  const fetched = selection.filter((entry) => isFile(entry) || isDirectory(entry));
  if (fetched.length > 0)
    items.push({
      label: t(fetched.every(isDirectory) ? 'files.downloadTar' : 'files.download'),
      icon: Download,
      run: () => act.fetchAll(fetched),
    });
  if (only) {
    items.push({ label: t('files.copyPath'), icon: ClipboardCopy, run: () => act.copyPath(only) });
    items.push({
      label: t('files.rename'),
      icon: Pencil,
      run: () => act.ask({ what: 'rename', entry: only }),
      separatorBefore: true,
    });
  }
  const modeOf = selection.filter(({ kind }) => kind !== 'symlink');
  if (modeOf.length > 0)
    items.push({
      label: t('files.mode'),
      icon: KeyRound,
      run: () => act.ask({ what: 'mode', entries: modeOf }),
    });
  if (selection.length > 0)
    items.push({
      label: t('files.remove'),
      icon: Trash2,
      danger: true,
      run: () => act.ask({ what: 'remove', entries: selection }),
      separatorBefore: true,
    });
  return items;
}
