import { describe, expect, it } from 'vitest';
import { addressText, parseAddress } from './address.ts';

describe('parseAddress', () => {
  it.each([
    ['nas', null, 'nas', 22],
    ['  root@nas.lan ', 'root', 'nas.lan', 22],
    ['root@192.0.2.7:2222', 'root', '192.0.2.7', 2222],
    ['admin@[2001:db8::7]:2200', 'admin', '2001:db8::7', 2200],
    ['[2001:db8::7]', null, '2001:db8::7', 22],
    ['2001:db8::7', null, '2001:db8::7', 22],
    ['pi@fe80::1%eth0', 'pi', 'fe80::1%eth0', 22],
    ['ssh://deploy@web-1:2022/', 'deploy', 'web-1', 2022],
    ['ssh -p 2222 me@host', 'me', 'host', 2222],
    ['ssh me@host -p2222', 'me', 'host', 2222],
  ])('reads %j', (typed, username, hostname, port) => {
    expect(parseAddress(typed)).toEqual({ ok: true, address: { username, hostname, port } });
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['@nas', 'user'],
    ['a b@nas', 'user'],
    ['root@', 'host'],
    ['root@[::1', 'host'],
    ['nas; rm -rf /', 'host'],
    ['$(id)', 'host'],
    ['one,two', 'host'],
    ['nas:0', 'port'],
    ['nas:65536', 'port'],
    ['nas:ssh', 'port'],
    ['nas:', 'port'],
    ['nas:22.5', 'port'],
  ])('refuses %j', (typed, problem) => {
    expect(parseAddress(typed)).toEqual({ ok: false, problem });
  });

  it.each(['root@nas', 'nas', 'root@nas:2222', 'root@[2001:db8::7]:2222', 'root@2001:db8::7'])(
    'writes %s back as it was typed',
    (typed) => {
      const result = parseAddress(typed);
      expect(result.ok && addressText(result.address)).toBe(typed);
    },
  );
});
