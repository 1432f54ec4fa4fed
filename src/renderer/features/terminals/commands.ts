import Columns2 from '@lucide/svelte/icons/columns-2';
import PictureInPicture2 from '@lucide/svelte/icons/picture-in-picture-2';
import RadioTower from '@lucide/svelte/icons/radio-tower';
import Rows2 from '@lucide/svelte/icons/rows-2';
import TextCursorInput from '@lucide/svelte/icons/text-cursor-input';
import Undo2 from '@lucide/svelte/icons/undo-2';
import type { Component } from 'svelte';
import type { Command } from '../../lib/commands/command.ts';
import { inEveryLanguage, t, type MessageKey } from '../../lib/i18n/index.ts';
import { router } from '../../lib/router.svelte.ts';
import { snippets } from './snippets.svelte.ts';
import { terminals } from './terminals.svelte.ts';
import { bringBack, isOwnWindow, popOut } from './window.svelte.ts';

type Plain = Extract<
  MessageKey,
  | 'terminals.split.row'
  | 'terminals.split.column'
  | 'terminals.broadcast'
  | 'terminals.popOut'
  | 'terminals.bringBack'
  | 'snippets.title'
>;

/** What the palette offers while a terminal is looked at. */
export function terminalCommands(): Command[] {
  const { page } = router.route;
  const tab = page === 'terminals' || page === 'terminal_window' ? terminals.active : null;
  const pane = tab?.active;
  if (!tab || !pane) return [];
  const of = (id: string, label: Plain, icon: Component, run: () => unknown): Command => ({
    id: `terminal.${id}`,
    group: 'targets',
    label: t(label),
    names: inEveryLanguage(label),
    detail: pane.machineName,
    icon,
    run,
  });
  return [
    of('split.row', 'terminals.split.row', Columns2, () => {
      terminals.split(pane, 'row');
    }),
    of('split.column', 'terminals.split.column', Rows2, () => {
      terminals.split(pane, 'column');
    }),
    ...(isOwnWindow
      ? [of('bringBack', 'terminals.bringBack', Undo2, () => bringBack(tab))]
      : [of('popOut', 'terminals.popOut', PictureInPicture2, () => popOut(tab))]),
    ...(tab.canBroadcast
      ? [
          of('broadcast', 'terminals.broadcast', RadioTower, () => {
            terminals.toggleBroadcast(tab);
          }),
        ]
      : []),
    of('snippets', 'snippets.title', TextCursorInput, () => (terminals.snippetsFor = pane)),
    ...snippets.list.map(({ id, name, body }): Command => ({
      id: `snippet.${id}`,
      group: 'targets',
      label: t('snippets.command', { name }),
      names: [name],
      detail: body.slice(0, 60),
      icon: TextCursorInput,
      run: () => {
        snippets.wanted = id;
        terminals.snippetsFor = pane;
      },
    })),
  ];
}
