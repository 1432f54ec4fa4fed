import type { Surface } from '../../shared/contract/define.ts';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { RequesterType } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import type { Requests } from './requests.ts';
import * as store from './store.ts';

const GAP_MS = 150;
/** A person reads so many; `count` says how many there are. */
const SHOWN = 200;

/** Agents come by their own surface; everything else is a person. */
const requesterOf = (surface: Surface): RequesterType => (surface === 'mcp' ? 'hermes' : 'user');

type Names = Extract<keyof HomeportHandlers, `requests.${string}`>;

export function requestHandlers(context: CoreContext, requests: Requests): Pick<HomeportHandlers, Names> {
  return {
    'requests.create': (input, { surface }) => ({
      id: requests.create({ ...input, requestedBy: requesterOf(surface), requestedFrom: surface }),
    }),
    'requests.list': (input) => ({ requests: store.listRequests(context, input).map(requests.summary) }),
    'requests.get': ({ id }) => requests.detail(id),
    'requests.watch': async function* (_input, { signal }) {
      const changes = changedIds(context.bus, 'request.changed', () => ['all'], signal, GAP_MS);
      for await (const _ of changes) {
        const { rows, count } = store.pending(context, SHOWN);
        yield { pending: rows.map(requests.summary), count };
      }
    },
    'requests.approve': ({ id, binding, note }, { surface }) => requests.approve(id, binding, surface, note),
    'requests.renew': async ({ id }) => {
      await requests.renew(id);
      return requests.detail(id);
    },
    'requests.reject': ({ id, note }, { surface }) => {
      requests.reject(id, surface, note);
      return {};
    },
  };
}
