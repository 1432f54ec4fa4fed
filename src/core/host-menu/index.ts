import type { ParsedHostMenu } from '../../shared/contract/host-menu.ts';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';

/** Makes the menu of the desktop; `choose` is told the command of a line that a person chose. */
export type ShowHostMenu = (menus: readonly ParsedHostMenu[], choose: (command: string) => void) => void;

/** The menu of a host that has one: made of what the page says, and what is chosen goes back to that page. */
export function hostMenuHandlers(
  context: Pick<CoreContext, 'bus'>,
  show: ShowHostMenu | undefined,
): Pick<HomeportHandlers, 'hostMenu.show' | 'hostMenu.chosen'> {
  return {
    'hostMenu.show': ({ page, menus }) => {
      if (show === undefined) {
        throw new AppError('not_allowed', 'This host has no menu', { procedure: 'hostMenu.show' });
      }
      show(menus, (command) => context.bus.publish('host-menu.chosen', { page, command }));
      return {};
    },
    'hostMenu.chosen': async function* ({ page }, { signal }) {
      const take = (news: { page: string; command: string }) => (news.page === page ? [news.command] : []);
      for await (const commands of changedIds(context.bus, 'host-menu.chosen', take, signal)) {
        for (const command of commands) yield { command };
      }
    },
  };
}
