import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import { areEnabled, recentSessions, setEnabled } from './store.ts';
import type { Terminals } from './terminals.ts';

const GAP_MS = 150;

export function terminalHandlers(
  context: CoreContext,
  terminals: Terminals,
): Pick<
  HomeportHandlers,
  | 'terminals.open'
  | 'terminals.stream'
  | 'terminals.resize'
  | 'terminals.kill'
  | 'terminals.attach'
  | 'terminals.detach'
  | 'terminals.watch'
  | 'terminals.setEnabled'
> {
  return {
    'terminals.open': ({ machineId, ...size }, { signal }) => terminals.open(machineId, size, signal),
    'terminals.stream': ({ id, from }, { signal }, upstream) => terminals.stream(id, from, signal, upstream),
    'terminals.attach': ({ id }, { signal }) => terminals.attach(id, signal),
    'terminals.detach': async ({ id, ...left }) => {
      await terminals.detach(id, left);
      return {};
    },
    'terminals.resize': ({ id, ...size }) => {
      terminals.resize(id, size);
      return {};
    },
    'terminals.kill': ({ id }) => {
      terminals.kill(id);
      return {};
    },
    'terminals.watch': async function* (_input, { signal }) {
      const changes = changedIds(context.bus, 'terminals.changed', () => ['all'], signal, GAP_MS);
      for await (const _ of changes)
        yield { enabled: areEnabled(context), sessions: recentSessions(context) };
    },
    'terminals.setEnabled': ({ enabled }) => {
      if (enabled !== areEnabled(context)) setEnabled(context, enabled);
      if (!enabled) terminals.killAll();
      context.bus.publish('terminals.changed', {});
      return {};
    },
  };
}
