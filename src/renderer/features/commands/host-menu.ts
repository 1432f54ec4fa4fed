import Search from '@lucide/svelte/icons/search';
import type { HostMenu, MenuLine, MenuRole } from '../../../shared/contract/host-menu.ts';
import type { Command } from '../../lib/commands/command.ts';
import { overlays } from '../../lib/frame/overlays.svelte.ts';
import { t } from '../../lib/i18n/index.ts';
import { appCommands } from './all.svelte.ts';
import { acceleratorOf, isKeyOfHost } from './keys.ts';
import { named, type PlainKey } from './named.ts';

/** The palette offers everything but itself. */
const palette = (): Command =>
  named('palette', 'actions', 'keys.search', Search, () => (overlays.palette = true));

/** All that the menu can do, as it is now. */
export const menuCommands = (): Command[] => [palette(), ...appCommands()];

const separator: MenuLine = { separator: true };
const role = (name: MenuRole, label: PlainKey): MenuLine => ({ role: name, label: t(label) });

function lineOf({ id, label, detail, keys, isOn }: Command): MenuLine {
  const possible = (keys ?? []).flatMap((key) => acceleratorOf(key) ?? []);
  const accelerator = possible.find((one) => one.startsWith('CmdOrCtrl+')) ?? possible[0];
  // Two keys one after the other are no accelerator: they are written out.
  const written = accelerator === undefined && keys?.[0] !== undefined ? `   ${keys[0]}` : '';
  const name = detail === undefined ? label : t('palette.pair', { of: label, what: detail });
  return {
    command: id,
    label: `${name}${written}`,
    ...(accelerator === undefined ? {} : { accelerator, ownsKey: isKeyOfHost(id) }),
    ...(isOn === undefined ? {} : { checked: isOn }),
  };
}

/** Lines of parts that each stand apart; a part without a line leaves no separator behind. */
const parts = (...lists: readonly (readonly MenuLine[])[]): MenuLine[] =>
  lists
    .filter((lines) => lines.length > 0)
    .flatMap((lines, at) => (at === 0 ? [...lines] : [separator, ...lines]));

/** The desktop's menu, out of the commands that the palette shows and the keys that lead to them. */
export function hostMenus(commands: readonly Command[]): HostMenu[] {
  const taken = new Set<string>();
  const pick = (fits: (command: Command) => boolean): MenuLine[] =>
    commands
      .filter((command) => !taken.has(command.id) && fits(command))
      .map((command) => {
        taken.add(command.id);
        return lineOf(command);
      });
  const byId = (...ids: string[]): MenuLine[] => ids.flatMap((id) => pick((one) => one.id === id));
  const starting = (...starts: string[]): MenuLine[] =>
    starts.flatMap((start) => pick((one) => one.id.startsWith(start)));

  const file = parts(byId('page.add'), starting('page.manage.'), starting('vault.'), byId('page.settings'), [
    role('quit', 'menu.quit'),
  ]);
  const help = parts(byId('keys'), byId('section.about'));
  const targets = pick((one) => one.group === 'targets');
  const view = parts(
    byId('palette', 'notifications', 'notifications.read'),
    pick((one) => one.group === 'pages'),
    pick((one) => one.group === 'views'),
    byId('layout'),
    starting('theme.'),
    starting('density.'),
    starting('language.'),
    starting('zoom.'),
    [role('togglefullscreen', 'menu.fullscreen')],
  );
  return [
    { label: t('menu.file'), lines: file },
    {
      label: t('menu.edit'),
      lines: parts(
        [role('undo', 'menu.undo'), role('redo', 'menu.redo')],
        [
          role('cut', 'menu.cut'),
          role('copy', 'menu.copy'),
          role('paste', 'menu.paste'),
          role('selectAll', 'menu.selectAll'),
        ],
      ),
    },
    { label: t('menu.view'), lines: view },
    {
      label: t('menu.machines'),
      lines: parts(
        targets,
        pick((one) => one.group === 'actions'),
      ),
    },
    { label: t('menu.settings'), lines: pick((one) => one.group === 'settings') },
    {
      label: t('menu.window'),
      lines: [role('minimize', 'menu.minimize'), role('close', 'menu.close')],
    },
    { label: t('menu.help'), lines: help },
  ].filter(({ lines }) => lines.length > 0);
}
