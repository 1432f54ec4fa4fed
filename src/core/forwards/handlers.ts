import { isLoopback, type PortForward } from '../../shared/contract/forwards.ts';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { machineById } from '../machines/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { changedIds } from '../watch.ts';
import { runForward, type RunningForward } from './forward.ts';
import { allForwards, forwardById, recordForwardEvent, removeForward, saveForward } from './store.ts';

const GAP_MS = 300;
type Names = Extract<keyof HomeportHandlers, `forwards.${string}`>;

export interface Forwards {
  readonly handlers: Pick<HomeportHandlers, Names>;
  /** Starts those that start with the application; what waits for the vault begins when it opens. */
  startWithApp(): void;
  /** Ends all of them; resolves when their ports are free. */
  close(): Promise<void>;
}

/** Port forwards of the fleet: what is wanted lies in the database, what runs lives here and ends with the process. */
export function createForwards(context: CoreContext, pool: Pick<SshPool, 'link'>): Forwards {
  const running = new Map<string, RunningForward>();
  const changed = (): void => {
    context.bus.publish('forwards.changed', {});
  };

  const start = (id: string, actorType: 'user' | 'system'): void => {
    const row = forwardById(context, id);
    const now = running.get(id);
    if (now && now.state !== 'failed') return;
    running.set(
      id,
      runForward(row, pool, () => isoNow(context), {
        changed,
        started: () => {
          recordForwardEvent(context, row, 'forward.started', { actorType });
        },
        failed: (error) => {
          recordForwardEvent(context, row, 'forward.failed', { actorType: 'system', kind: error.code });
        },
      }),
    );
    changed();
  };

  const stop = async (id: string): Promise<boolean> => {
    const one = running.get(id);
    if (!one) return false;
    const wasAlive = one.state !== 'failed';
    await one.stop();
    if (running.get(id) === one) running.delete(id);
    changed();
    return wasAlive;
  };

  /** A machine that was removed takes its forwards with it. */
  const unsubscribeFleet = context.bus.subscribe('fleet.changed', () => {
    if (running.size === 0) return;
    const there = new Set(allForwards(context).map(({ id }) => id));
    for (const id of running.keys()) {
      if (!there.has(id))
        stop(id).catch((error: unknown) => {
          context.log.error('A forward did not end', { error: String(error) });
        });
    }
  });
  const unsubscribeVault = context.bus.subscribe('vault.changed', () => {
    for (const [id, one] of running)
      if (one.state === 'failed' && one.error?.kind === 'vault_locked') start(id, 'system');
  });

  const list = (): PortForward[] =>
    allForwards(context).map((row) => {
      const one = running.get(row.id);
      return {
        ...row,
        state: one?.state ?? 'stopped',
        error: one?.error ?? null,
        since: one?.since ?? null,
        ...(one?.figures ?? { openConnections: 0, allConnections: 0, bytesOut: 0, bytesBack: 0 }),
      };
    });

  return {
    handlers: {
      'forwards.watch': async function* (_input, { signal }) {
        const changes = changedIds(context.bus, 'forwards.changed', () => ['all'], signal, GAP_MS);
        for await (const _ of changes) yield list();
      },
      'forwards.save': async ({ id, isExposed, ...fields }) => {
        machineById(context, fields.machineId);
        // Whoever reaches such an address reaches what lies behind: it must have been meant.
        if (!isExposed && !isLoopback(fields.bindAddress))
          throw new AppError('not_allowed', 'The address is open to others', { reason: 'forward_exposed' });
        const saved = saveForward(context, fields, id);
        if (await stop(saved)) start(saved, 'user');
        changed();
        return { id: saved };
      },
      'forwards.remove': async ({ id }) => {
        const row = forwardById(context, id);
        if (await stop(id)) recordForwardEvent(context, row, 'forward.stopped', { actorType: 'user' });
        removeForward(context, id);
        changed();
        return {};
      },
      'forwards.start': ({ id }) => {
        start(id, 'user');
        return {};
      },
      'forwards.stop': async ({ id }) => {
        const row = forwardById(context, id);
        if (await stop(id)) recordForwardEvent(context, row, 'forward.stopped', { actorType: 'user' });
        return {};
      },
    },
    startWithApp() {
      for (const { id, startsWithApp } of allForwards(context)) if (startsWithApp) start(id, 'system');
    },
    async close() {
      unsubscribeFleet();
      unsubscribeVault();
      await Promise.all([...running.values()].map((one) => one.stop()));
      running.clear();
    },
  };
}
