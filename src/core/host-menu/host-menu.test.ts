import { expect, it } from 'vitest';
import { createBus } from '../bus.ts';
import { hostMenuHandlers } from './index.ts';

it('what is chosen in a menu goes to the page that made it, and to no other', async () => {
  let choose: (command: string) => void = () => undefined;
  const handlers = hostMenuHandlers({ bus: createBus() }, (_menus, chosen) => (choose = chosen));
  const ends = new AbortController();
  const caller = { surface: 'ui', signal: ends.signal } as const;
  const listen = (page: string) => handlers['hostMenu.chosen']({ page }, caller)[Symbol.asyncIterator]();
  const [first, second] = [listen('page-one'), listen('page-two')];
  const [heardFirst, heardSecond] = [first.next(), second.next()];
  await handlers['hostMenu.show']({ page: 'page-one', menus: [] }, caller);
  choose('page.jobs');
  expect((await heardFirst).value).toEqual({ command: 'page.jobs' });
  await handlers['hostMenu.show']({ page: 'page-two', menus: [] }, caller);
  choose('page.reports');
  expect((await heardSecond).value).toEqual({ command: 'page.reports' });
  ends.abort();
});

it('a host without a menu refuses', () => {
  const handlers = hostMenuHandlers({ bus: createBus() }, undefined);
  const caller = { surface: 'ui', signal: new AbortController().signal } as const;
  expect(() => handlers['hostMenu.show']({ page: 'page-one', menus: [] }, caller)).toThrow('has no menu');
});
