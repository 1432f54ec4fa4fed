import { describe, expect, it, vi } from 'vitest';
import { insertMachine, testContext } from '../testing/context.ts';
import { fleetRows } from '../fleet/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { approvedKeyTypes, checkHostKey, hostKeyHandlers, hostKeysOf } from './index.ts';

const key = (name: string, type = 'ssh-ed25519') => ({
  type,
  fingerprintSha256: `SHA256:${name}`,
  publicKey: `key of ${name}`,
});
const caller = { surface: 'ui', signal: new AbortController().signal } as const;

function setUp() {
  const context = testContext();
  const machineId = insertMachine(context, 'nas');
  const address = { machineId, hostname: 'nas.test', port: 22 };
  const drop = vi.fn();
  const pool = { drop } as unknown as SshPool;
  const handlers = hostKeyHandlers(context, pool, {
    target: () => Promise.reject(new Error('not asked')) as never,
  });
  const idOf = (fingerprint: string) =>
    hostKeysOf(context, machineId).find((k) => k.fingerprintSha256 === fingerprint)?.id ?? '';
  const decide = (fingerprint: string, decision: 'approve' | 'reject') =>
    handlers['hostKeys.decide']({ id: idOf(fingerprint), fingerprintSha256: fingerprint, decision }, caller);
  const shown = () => fleetRows(context, [machineId])[0]?.hostKeyStatus;
  return { context, machineId, address, drop, handlers, idOf, decide, shown };
}

describe('host keys', () => {
  it('never approves a key by itself, however often it is seen', () => {
    const { context, address } = setUp();
    expect(checkHostKey(context, address, key('A'))).toBe('unknown');
    expect(checkHostKey(context, address, key('A'))).toBe('unknown');
  });

  it('lets an approved key in and names its type', async () => {
    const { context, address, decide, drop, machineId } = setUp();
    checkHostKey(context, address, key('A'));
    await decide('SHA256:A', 'approve');
    expect(checkHostKey(context, address, key('A'))).toBe('approved');
    expect(approvedKeyTypes(context, address)).toEqual(['ssh-ed25519']);
    expect(drop).toHaveBeenCalledWith(machineId);
  });

  it('blocks another key once one is approved, of whatever type, and says so on the tile', async () => {
    const { context, address, decide, shown } = setUp();
    checkHostKey(context, address, key('A'));
    await decide('SHA256:A', 'approve');
    expect(checkHostKey(context, address, key('B'))).toBe('changed');
    expect(checkHostKey(context, address, key('C', 'ssh-rsa'))).toBe('changed');
    expect(shown()).toBe('changed');
  });

  it('retires the old key when the changed one is approved', async () => {
    const { context, address, decide, shown } = setUp();
    checkHostKey(context, address, key('A'));
    await decide('SHA256:A', 'approve');
    checkHostKey(context, address, key('B'));
    await decide('SHA256:B', 'approve');
    expect(checkHostKey(context, address, key('B'))).toBe('approved');
    expect(checkHostKey(context, address, key('A'))).toBe('rejected');
    expect(shown()).toBe('approved');
  });

  it('keeps a rejected key out for ever', async () => {
    const { context, address, decide, shown } = setUp();
    checkHostKey(context, address, key('A'));
    await decide('SHA256:A', 'reject');
    expect(checkHostKey(context, address, key('A'))).toBe('rejected');
    expect(shown()).toBe('rejected');
  });

  it('refuses a decision about a fingerprint that is not the stored one', () => {
    const { context, address, handlers, idOf } = setUp();
    checkHostKey(context, address, key('A'));
    const id = idOf('SHA256:A');
    expect(() =>
      handlers['hostKeys.decide']({ id, fingerprintSha256: 'SHA256:B', decision: 'approve' }, caller),
    ).toThrow('not the key stored');
  });

  it('asks anew when the machine has another address', async () => {
    const { context, address, decide } = setUp();
    checkHostKey(context, address, key('A'));
    await decide('SHA256:A', 'approve');
    expect(checkHostKey(context, { ...address, hostname: 'other.test' }, key('A'))).toBe('unknown');
  });
});
