import { expect, it } from 'vitest';
import { insertMachine, testContext } from '../testing/context.ts';
import { messageHandlers } from './handlers.ts';
import { recordMessages, settleMessages } from './record.ts';

const caller = { surface: 'ui', signal: new AbortController().signal } as const;
const message = {
  source: 'apt',
  category: 'deprecation',
  severity: 'warning',
  component: 'keys',
  message: 'Key is stored in legacy trusted.gpg keyring',
} as const;

it('an acknowledgement can be taken back, of one message and of a matter; what is no longer true stays settled', async () => {
  const context = testContext();
  const [nas, web, old] = ['nas', 'web', 'old'].map((name) => insertMachine(context, name));
  if (!nas || !web || !old) throw new Error('three machines');
  for (const id of [nas, web, old]) recordMessages(context, id, [message], {});
  settleMessages(context, old, 'keys', []);
  const handlers = messageHandlers(context);
  const open = async () => {
    const { messages } = await handlers['messages.list']({ acknowledged: false, limit: 100 }, caller);
    return messages.map(({ machineId }) => machineId).sort();
  };
  const [group] = (await handlers['messages.fleet']({ acknowledged: false, offset: 0, limit: 10 }, caller))
    .groups;
  const key = group?.key ?? '';
  expect(await open()).toEqual([nas, web].sort());
  await handlers['messages.acknowledgeGroup']({ key }, caller);
  expect(await open()).toEqual([]);
  const { messages } = await handlers['messages.list'](
    { machineId: nas, acknowledged: true, limit: 1 },
    caller,
  );
  expect(await handlers['messages.reopen']({ id: messages[0]?.id ?? '' }, caller)).toEqual({ reopened: 1 });
  expect(await open()).toEqual([nas]);
  expect(await handlers['messages.reopen']({ key }, caller)).toEqual({ reopened: 1 });
  expect(await open()).toEqual([nas, web].sort());
  expect(() => handlers['messages.reopen']({ key: 'nothing' }, caller)).toThrow('No such message');
});
