import { describe, expect, it } from 'vitest';
import { bringsSecret, credentialsOf, missingSecrets, newDraft } from './credentials.ts';

describe('credentials draft', () => {
  it('sends a password and clears what it does not use', () => {
    expect(credentialsOf({ ...newDraft('password', 'same_as_ssh'), password: 'p' })).toEqual({
      authMethod: 'password',
      sudoMode: 'same_as_ssh',
      password: 'p',
      sudoPassword: null,
      privateKey: null,
      keyPassphrase: null,
    });
  });

  it('keeps what is stored where nothing was typed', () => {
    expect(credentialsOf(newDraft('ssh_key', 'separate', true))).toEqual({
      authMethod: 'ssh_key',
      sudoMode: 'separate',
      password: null,
    });
  });

  it('brings a new key with its own passphrase or none', () => {
    const pasted = { ...newDraft('ssh_key', 'none', true), keyFrom: 'text' as const, keyText: 'KEY' };
    expect(credentialsOf(pasted)).toMatchObject({ privateKey: 'KEY\n', keyPassphrase: null });
    const path = { ...newDraft('ssh_key', 'none'), keyPath: ' ~/.ssh/id ', keyPassphrase: 'x' };
    expect(credentialsOf(path)).toMatchObject({ privateKeyPath: '~/.ssh/id', keyPassphrase: 'x' });
    expect(credentialsOf(path)).not.toHaveProperty('privateKey');
  });

  it('needs the vault only for a secret', () => {
    expect(bringsSecret(newDraft('agent', 'nopasswd'))).toBe(false);
    expect(bringsSecret({ ...newDraft('agent', 'same_as_ssh'), password: 'p' })).toBe(true);
    expect(bringsSecret({ ...newDraft('agent', 'nopasswd'), password: 'not used' })).toBe(false);
  });

  it('says what is missing to log in', () => {
    expect(missingSecrets(newDraft('password', 'none'))).toEqual(['password']);
    expect(missingSecrets(newDraft('ssh_key', 'none'))).toEqual(['key']);
    expect(missingSecrets(newDraft('ssh_key', 'none', true))).toEqual([]);
    expect(missingSecrets(newDraft('agent', 'separate'))).toEqual([]);
  });
});
