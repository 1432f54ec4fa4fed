import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { toAppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import type { Outward } from './outward.ts';

const GAP_MS = 150;

type Names = Extract<keyof HomeportHandlers, `outward.${string}`>;

export function outwardHandlers(context: CoreContext, outward: Outward): Pick<HomeportHandlers, Names> {
  return {
    'outward.watch': async function* (_input, { signal }) {
      const changes = changedIds(context.bus, 'outward.changed', () => ['all'], signal, GAP_MS);
      for await (const _ of changes) yield { channels: outward.channels() };
    },
    'outward.save': (input) => ({ id: outward.save(input) }),
    'outward.remove': ({ id }) => {
      outward.remove(id);
      return {};
    },
    'outward.test': async ({ id }) => {
      try {
        return { ok: true, error: null, answer: await outward.test(id) };
      } catch (thrown) {
        const error = toAppError(thrown);
        if (error.code === 'internal' || error.code === 'not_found') throw thrown;
        return {
          ok: false,
          error: { kind: error.code, message: error.message, data: error.data },
          answer: null,
        };
      }
    },
    'outward.retry': ({ id }) => {
      outward.retry(id);
      return {};
    },
  };
}
