import { expect, it } from 'vitest';
import { newId } from '../db/ids.ts';
import { executions, snapshots } from '../db/schema/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { messagesDuring } from './during.ts';
import { recordMessages, type NewMessage } from './record.ts';

const notice = (message: string): NewMessage => ({
  source: 'apt',
  category: 'deprecation',
  severity: 'warning',
  message,
});

it('a run has the messages that its machine had in its time: not those gone before, nor those that came after', () => {
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const context = { ...testContext(), now: () => new Date(clock) };
  const at = (minutes: number) => {
    clock = Date.parse('2026-01-01T00:00:00Z') + minutes * 60_000;
    return new Date(clock).toISOString();
  };
  const [machineId, other] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
  const told = (minutes: number, ...texts: string[]) => {
    at(minutes);
    recordMessages(context, machineId, texts.map(notice), {});
  };
  told(0, 'gone before', 'always');
  told(10, 'always', 'while it ran');
  told(30, 'always', 'came after');
  recordMessages(context, other, [notice('of another machine')], {});
  const run = (startedAt: string, finishedAt: string | null): string => {
    const id = newId();
    const values = { id, machineId, action: 'apt_upgrade', mode: 'manual', status: 'ok' } as const;
    context.database.db
      .insert(executions)
      .values({ ...values, startedAt, finishedAt })
      .run();
    return id;
  };
  const texts = (id: string) =>
    messagesDuring(context, id)
      .map(({ text }) => text)
      .sort();
  expect(texts(run(at(5), at(20)))).toEqual(['always', 'while it ran']);
  // One that has not ended has what is there now.
  const open = run(at(25), null);
  at(60);
  expect(texts(open)).toEqual(['always', 'came after']);
  // One that began after the last look has what that look told, until the next one.
  const look = (createdAt: string) => {
    const values = {
      id: newId(),
      machineId,
      kind: 'apt_update_analyze',
      status: 'ok',
      payloadJson: '{}',
    } as const;
    context.database.db
      .insert(snapshots)
      .values({ ...values, createdAt })
      .run();
  };
  look(at(70));
  told(70, 'always', 'at the last look');
  const unseen = run(at(80), at(90));
  expect(texts(unseen)).toEqual(['always', 'at the last look']);
  look(at(100));
  told(100, 'always');
  expect(texts(unseen)).toEqual(['always']);
  expect(() => messagesDuring(context, 'nothing')).toThrow('No such run');
});
