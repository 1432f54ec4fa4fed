import { expect, it } from 'vitest';
import { quietChoices } from './quiet.ts';

const untilOf = (id: string, now: Date) => quietChoices.find((one) => one.id === id)?.until(now) ?? '';

it('silence ends after an hour, or tomorrow at eight by the local clock, also at the end of a month', () => {
  const now = new Date(2026, 0, 31, 22, 30);
  expect(Date.parse(untilOf('hour', now)) - now.getTime()).toBe(3_600_000);
  const morning = new Date(untilOf('morning', now));
  expect([morning.getMonth(), morning.getDate(), morning.getHours()]).toEqual([1, 1, 8]);
  expect(untilOf('start', now)).toBe('always');
});
