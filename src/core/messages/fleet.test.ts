import { describe, expect, it } from 'vitest';
import { importantMessages } from '../debian/messages.ts';
import { updateMachine } from '../machines/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { acknowledgeGroup, machinesOfMessage, messageGroups } from './fleet.ts';
import { supportMessages } from '../releases/index.ts';
import { messageHandlers } from './index.ts';
import { recordMessages, settleMessages, type NewMessage } from './record.ts';

const notice: NewMessage = {
  source: 'apt',
  category: 'deprecation',
  severity: 'warning',
  component: 'http://packages.test',
  message: 'Key is stored in legacy trusted.gpg keyring',
};
const expired = (since: string): NewMessage => ({
  ...notice,
  category: 'repository_notice',
  message: `Release file is expired (invalid since ${since}). Updates will not be applied.`,
});
const openOnes = { acknowledged: false, offset: 0, limit: 10 };

describe('messages over the fleet', () => {
  it('show one matter once, with the machines that tell it', () => {
    const context = testContext();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    recordMessages(context, a, [notice, expired('3d 2h 5min 6s')], {});
    recordMessages(context, b, [expired('1h 2min 3s')], {});
    recordMessages(context, b, [expired('2h 2min 3s')], {});
    const { groups, total } = messageGroups(context, openOnes);
    expect(total).toBe(2);
    const repository = groups.find(({ category }) => category === 'repository_notice');
    expect(repository).toMatchObject({ count: 2, component: 'http://packages.test', acknowledged: false });
    const question = { key: repository?.key ?? '', acknowledged: false, offset: 0, limit: 1 };
    expect(machinesOfMessage(context, question)).toEqual({ machines: [{ id: a, name: 'a' }], total: 2 });
    expect(machinesOfMessage(context, { ...question, offset: 1 }).machines).toEqual([{ id: b, name: 'b' }]);
    expect(machinesOfMessage(context, { ...question, acknowledged: true }).total).toBe(0);
    expect(messageGroups(context, { ...openOnes, category: 'deprecation' }).groups).toMatchObject([
      { count: 1, text: notice.message },
    ]);
    expect(messageGroups(context, { ...openOnes, offset: 1 }).groups).toHaveLength(1);
  });

  it('are acknowledged together; what another machine says later is open again', () => {
    const context = testContext();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    recordMessages(context, a, [notice], {});
    const key = messageGroups(context, openOnes).groups[0]?.key ?? '';
    expect(acknowledgeGroup(context, key)).toBe(1);
    recordMessages(context, a, [notice], {});
    expect(messageGroups(context, openOnes).groups).toEqual([]);
    expect(messageGroups(context, { ...openOnes, acknowledged: true }).groups).toMatchObject([{ count: 1 }]);
    expect(acknowledgeGroup(context, key)).toBe(0);
    recordMessages(context, b, [notice], {});
    expect(messageGroups(context, openOnes).groups).toMatchObject([{ key, count: 1 }]);
    const question = { key, acknowledged: false, offset: 0, limit: 10 };
    expect(machinesOfMessage(context, question).machines).toEqual([{ id: b, name: 'b' }]);
    expect(() => acknowledgeGroup(context, 'nothing')).toThrow('No such message');
  });

  it('leave out machines that were removed', () => {
    const context = testContext();
    const a = insertMachine(context, 'a');
    recordMessages(context, a, [notice], {});
    updateMachine(context, a, { deletedAt: new Date().toISOString() });
    expect(messageGroups(context, openOnes)).toEqual({ groups: [], total: 0 });
  });

  it('carry what Homeport says itself as a code with values; a row of before has its text', () => {
    const context = testContext();
    const a = insertMachine(context, 'a');
    const [said] = supportMessages(
      { family: 'debian', version: '11', codename: 'bullseye' },
      new Date('2026-11-01'),
    );
    if (!said) throw new Error('an ended release has a message');
    const { notice: told, ...before } = said;
    recordMessages(context, a, [before], {});
    const [old] = messageGroups(context, openOnes).groups;
    expect(old).toMatchObject({ text: said.message });
    expect(old).not.toHaveProperty('notice');
    recordMessages(context, a, [said], {});
    expect(messageGroups(context, openOnes).groups).toMatchObject([{ key: old?.key, notice: told }]);
    const list = messageHandlers(context)['messages.list'];
    const caller = { surface: 'ui', signal: new AbortController().signal } as const;
    expect(list({ acknowledged: false, limit: 10 }, caller)).toMatchObject({
      messages: [{ message: said.message, notice: told }],
    });
  });

  it('are closed by themselves when they are no longer true', () => {
    const context = testContext();
    const a = insertMachine(context, 'a');
    const soon = { ...notice, component: 'release-support', message: 'ends soon' };
    const ended = { ...soon, message: 'has ended' };
    recordMessages(context, a, [soon, notice], {});
    settleMessages(context, a, 'release-support', [ended]);
    recordMessages(context, a, [ended], {});
    expect(
      messageGroups(context, openOnes)
        .groups.map(({ text }) => text)
        .sort(),
    ).toEqual([notice.message, ended.message]);
  });
});

describe('the category of what APT says', () => {
  it.each([
    [
      "E: Repository 'http://deb.debian.org/debian bookworm InRelease' changed its 'Suite' value from 'stable' to 'oldstable'",
      'future_major_change',
    ],
    [
      "N: Repository 'http://deb.debian.org/debian bookworm InRelease' changed its 'Version' value from '12.5' to '12.6'",
      'repository_notice',
    ],
    [
      "W: GPG error: http://x.test ./ InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 0123456789ABCDEF",
      'security_notice',
    ],
    [
      'W: http://x.test/dists/stable/InRelease: Key is stored in legacy trusted.gpg keyring (/etc/apt/trusted.gpg), see the DEPRECATION section in apt-key(8) for details.',
      'deprecation',
    ],
  ])('%s', (line, category) => {
    expect(importantMessages(line)).toMatchObject([{ category }]);
  });
});
