import { expect, test } from 'vitest';
import { defaultKeepAlive, keepAlive } from '../../shared/contract/connections.ts';
import { testContext } from '../testing/context.ts';
import { connectionHandlers, readKeepAlive } from './index.ts';

test('keep-alive is the default until it is set, and every window hears of a change', async () => {
  const context = testContext();
  const handlers = connectionHandlers(context);
  const ends = new AbortController();
  const caller = { surface: 'ui', signal: ends.signal } as const;
  const states = handlers['connections.watch']({}, caller)[Symbol.asyncIterator]();
  expect((await states.next()).value).toEqual({ keepAlive: defaultKeepAlive });
  const off = { intervalSeconds: 0, countMax: 3 };
  await handlers['connections.setKeepAlive'](off, caller);
  expect((await states.next()).value).toEqual({ keepAlive: off });
  expect(readKeepAlive(context)).toEqual(off);
  // One after the other, by a window that has not heard of the first yet.
  await handlers['connections.setKeepAlive']({ intervalSeconds: 1 }, caller);
  await handlers['connections.setKeepAlive']({ countMax: 1 }, caller);
  expect(readKeepAlive(context)).toEqual({ intervalSeconds: 1, countMax: 1 });
  ends.abort();
});

test.each([
  { intervalSeconds: -1, countMax: 3 },
  { intervalSeconds: 601, countMax: 3 },
  { intervalSeconds: 1.5, countMax: 3 },
  { intervalSeconds: 5, countMax: 0 },
  { intervalSeconds: 5, countMax: 21 },
])('a keep-alive of %o is refused', (value) => {
  expect(keepAlive.safeParse(value).success).toBe(false);
});
