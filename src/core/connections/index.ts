import { defaultKeepAlive, keepAlive, type KeepAlive } from '../../shared/contract/connections.ts';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { given } from '../../shared/domain/given.ts';
import type { CoreContext } from '../context.ts';
import { readSetting, writeSetting } from '../settings/index.ts';
import { changedIds } from '../watch.ts';

const KEY = 'connections.keepAlive';

export const readKeepAlive = (context: Pick<CoreContext, 'database'>): KeepAlive =>
  readSetting(context, KEY, keepAlive, defaultKeepAlive);

export function connectionHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'connections.watch' | 'connections.setKeepAlive'> {
  return {
    'connections.watch': async function* (_input, { signal }) {
      for await (const _ of changedIds(context.bus, 'connections.changed', () => ['all'], signal))
        yield { keepAlive: readKeepAlive(context) };
    },
    'connections.setKeepAlive': (change) => {
      writeSetting(context, KEY, { ...readKeepAlive(context), ...given(change) });
      context.bus.publish('connections.changed', {});
      return {};
    },
  };
}
