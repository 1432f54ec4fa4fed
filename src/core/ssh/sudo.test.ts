import { describe, expect, it } from 'vitest';
import { createSudoMemory, sudoRefusal } from './sudo.ts';
import { failure } from './testing/pool-fixture.ts';
import { targetAt } from './testing/server.ts';

describe('sudoRefusal', () => {
  it.each([
    ['ops is not in the sudoers file.  This incident will be reported.', true, 'sudo_not_allowed'],
    ["Sorry, user ops is not allowed to execute '/bin/sh' as root on web.", true, 'sudo_not_allowed'],
    ['Sorry, user ops may not run sudo on web.', false, 'sudo_not_allowed'],
    ['sudo: sorry, you must have a tty to run sudo', false, 'sudo_not_allowed'],
    ['sudo: 1 incorrect password attempt', true, 'sudo_password_wrong'],
    ['sudo: no password was provided', false, 'sudo_password_missing'],
    ['sudo: unable to open /etc/sudoers: Permission denied', false, 'sudo_not_allowed'],
    ['', false, 'sudo_not_allowed'],
  ])('%s', (said, passwordGiven, code) => {
    expect(sudoRefusal(targetAt(22), said, passwordGiven).code).toBe(code);
  });
});

describe('createSudoMemory', () => {
  it('remembers a refused password until it is changed, forgotten or old', () => {
    let nowMs = 0;
    const memory = createSudoMemory(() => nowMs);
    memory.refused('m1', 'wrong');
    expect(memory.isRefused('m1', 'wrong')).toBe(true);
    expect(memory.isRefused('m1', 'other')).toBe(false);
    expect(memory.isRefused('m2', 'wrong')).toBe(false);
    nowMs = 21 * 60_000;
    expect(memory.isRefused('m1', 'wrong')).toBe(false);
    memory.refused('m1', 'wrong');
    memory.forget('m1');
    expect(memory.isRefused('m1', 'wrong')).toBe(false);
  });

  it('lets one try at a time until one has succeeded', async () => {
    const memory = createSudoMemory(() => 0);
    const { signal } = new AbortController();
    const leave = await memory.turn('m1', signal);
    let entered = 0;
    const second = memory.turn('m1', signal).then((done) => {
      entered += 1;
      return done;
    });
    const leaveOther = await memory.turn('m2', signal);
    leaveOther();
    expect(entered).toBe(0);
    leave();
    (await second)();
    memory.accepted('m1', 'right');
    await memory.turn('m1', signal);
    await memory.turn('m1', signal); // no one has to leave any more
  });

  it('a waiting try can be cancelled, and those behind it still get their turn', async () => {
    const memory = createSudoMemory(() => 0);
    const controller = new AbortController();
    const leave = await memory.turn('m1', new AbortController().signal);
    const waiting = failure(memory.turn('m1', controller.signal));
    const behind = memory.turn('m1', new AbortController().signal);
    controller.abort();
    expect((await waiting).code).toBe('cancelled');
    leave();
    (await behind)();
  });
});
