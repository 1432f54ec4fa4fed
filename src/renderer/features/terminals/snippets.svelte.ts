import type { Snippet } from '../../../shared/contract/terminals.ts';
import { api, watch } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';

let list = $state.raw<readonly Snippet[]>([]);
/** One that was chosen before the dialog is open, by the palette. */
let wanted = $state<string | null>(null);

/** Commands with a name; the database holds them, this is what it last said. */
export const snippets = {
  get list(): readonly Snippet[] {
    return list;
  },
  get wanted(): string | null {
    return wanted;
  },
  set wanted(id: string | null) {
    wanted = id;
  },
  /** Whether another snippet has this name already; the core refuses it as well. */
  isTaken(name: string, exceptId?: string): boolean {
    const asked = name.trim().toLocaleLowerCase();
    return list.some((one) => one.id !== exceptId && one.name.toLocaleLowerCase() === asked);
  },
  /** The saved one, or undefined when it was refused (and the reader was told why). */
  save: (one: { id?: string; name: string; body: string }): Promise<Snippet | undefined> =>
    perform(() => api['snippets.save'](one)),
  async remove(one: Snippet): Promise<void> {
    const done = await perform(() => api['snippets.remove']({ id: one.id }));
    if (!done) return;
    toasts.show({
      tone: 'info',
      text: () => t('snippets.removed', { name: one.name }),
      action: { label: () => t('common.undo'), run: () => void perform(() => api['snippets.save'](one)) },
    });
  },
};

export function followSnippets(): void {
  watch('snippets.watch', {}, (next) => (list = next));
}
