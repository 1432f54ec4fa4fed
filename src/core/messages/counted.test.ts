import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { importantMessages, machines } from '../db/schema/index.ts';
import { updateMachine } from '../machines/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { acknowledgeGroup } from './fleet.ts';
import { messageKey } from './dedup.ts';
import { recordMessages, settleMessages, type NewMessage } from './record.ts';
import { recountMessages } from './recount.ts';
import { reopenMessages } from './reopen.ts';

const matters: readonly NewMessage[] = Array.from({ length: 5 }, (_, at) => ({
  source: 'apt',
  category: at % 2 === 0 ? 'deprecation' : 'repository_notice',
  severity: 'warning',
  component: 'keys',
  message: `matter ${String(at)}`,
}));

it.each([1, 2, 3])('matters are counted as a recount does after each of many writes (seed %i)', (seed) => {
  let state = seed;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const context = { ...testContext(), now: () => new Date((clock += 1000)) };
  const { db, raw } = context.database;
  let ids = ['a', 'b', 'c', 'd'].map((name) => insertMachine(context, name));
  const kept = () => raw.prepare('select * from message_matters order by acknowledged, dedup_key').all();
  const some = () => matters.filter(() => random(2) === 0);
  const keyOfOne = () => messageKey(matters[random(matters.length)]!);
  const known = (key: string) =>
    db.select().from(importantMessages).where(eq(importantMessages.dedupKey, key)).get() !== undefined;

  const writes = [
    (id: string) => recordMessages(context, id, some(), {}),
    (id: string) => recordMessages(context, id, some(), {}),
    (id: string) => settleMessages(context, id, 'keys', some()),
    () => {
      const key = keyOfOne();
      if (known(key)) acknowledgeGroup(context, key);
    },
    () => {
      const key = keyOfOne();
      if (known(key)) reopenMessages(context, { key });
    },
    (id: string) => updateMachine(context, id, { deletedAt: context.now().toISOString() }),
    (id: string) => updateMachine(context, id, { deletedAt: null }),
    (id: string) => {
      if (random(4) > 0) return;
      db.delete(machines).where(eq(machines.id, id)).run();
      ids = [...ids.filter((one) => one !== id), insertMachine(context, `new-${String(clock)}`)];
    },
    (id: string) => db.delete(importantMessages).where(eq(importantMessages.machineId, id)).run(),
  ];
  let most = 0;
  for (let step = 0; step < 250; step += 1) {
    const at = random(writes.length);
    writes[at]?.(ids[random(ids.length)] ?? '');
    const counted = kept();
    most = Math.max(most, counted.length);
    recountMessages(context);
    expect(counted, `after step ${String(step)}, write ${String(at)}`).toEqual(kept());
  }
  expect(most).toBeGreaterThan(4);
});
