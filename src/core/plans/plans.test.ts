import { expect, it } from 'vitest';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { findPlan, storePlan } from './index.ts';

const item: AptPackage = { name: 'a', currentVersion: '1', targetVersion: '2', origin: null };

it('keeps the newest plans of a machine, each found only by its hash, machine and mode', () => {
  const context = testContext();
  const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
  storePlan(context, b, { mode: 'upgrade', planHash: 'other', words: [], planned: [item] });
  for (let i = 0; i < 25; i++) {
    storePlan(context, a, { mode: 'selected', planHash: `h${i}`, words: ['a=2'], planned: [item] });
  }
  expect(findPlan(context, a, 'h4', ['selected'])).toBeUndefined();
  expect(findPlan(context, a, 'h5', ['selected', 'upgrade'])).toEqual({
    mode: 'selected',
    planHash: 'h5',
    words: ['a=2'],
    planned: [item],
  });
  expect(findPlan(context, a, 'h24', ['dist_upgrade'])).toBeUndefined();
  expect(findPlan(context, b, 'h24', ['selected'])).toBeUndefined();
  expect(findPlan(context, b, 'other', ['upgrade'])).toBeDefined();
});

it('a plan simulated again takes the place of the former', () => {
  const context = testContext();
  const id = insertMachine(context, 'a');
  const plan = { mode: 'upgrade', planHash: 'h', words: [], planned: [item] } as const;
  storePlan(context, id, plan);
  storePlan(context, id, { ...plan, planned: [{ ...item, origin: 'Debian' }] });
  expect(findPlan(context, id, 'h', ['upgrade'])?.planned).toEqual([{ ...item, origin: 'Debian' }]);
  const { n } = context.database.raw.prepare('select count(*) as n from apt_plans').get() as { n: number };
  expect(n).toBe(1);
});
