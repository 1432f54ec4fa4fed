import type { CredentialsInput } from '../../../shared/contract/models.ts';
import type { AuthMethod, SudoMode } from '../../../shared/domain/unions.ts';

/** What the reader types about logging in. A secret of null keeps what is stored; an empty one says nothing. */
export interface CredentialDraft {
  authMethod: AuthMethod;
  sudoMode: SudoMode;
  keyFrom: 'path' | 'text';
  keyPath: string | null;
  keyText: string | null;
  keyPassphrase: string | null;
  password: string | null;
  sudoPassword: string | null;
}

/** A draft for a new machine (nothing is stored) or for one whose secrets stay as they are. */
export function newDraft(authMethod: AuthMethod, sudoMode: SudoMode, stored = false): CredentialDraft {
  const secret = stored ? null : '';
  return {
    authMethod,
    sudoMode,
    keyFrom: 'path',
    keyPath: secret,
    keyText: secret,
    keyPassphrase: secret,
    password: secret,
    sudoPassword: secret,
  };
}

/** Which secrets this way of logging in uses at all. */
export function usedSecrets(draft: Pick<CredentialDraft, 'authMethod' | 'sudoMode'>): {
  password: 'login' | 'sudo' | null;
  key: boolean;
  sudoPassword: boolean;
} {
  const key = draft.authMethod === 'ssh_key';
  const password =
    draft.authMethod === 'password' ? 'login' : draft.sudoMode === 'same_as_ssh' ? 'sudo' : null;
  return { password, key, sudoPassword: draft.sudoMode === 'separate' };
}

/** The draft as the contract takes it: absent keeps, and what this way of logging in does not use is cleared. */
export function credentialsOf(draft: CredentialDraft): CredentialsInput {
  const used = usedSecrets(draft);
  const input: CredentialsInput = { authMethod: draft.authMethod, sudoMode: draft.sudoMode };
  const put = (
    name: 'password' | 'sudoPassword' | 'keyPassphrase',
    value: string | null,
    wanted: boolean,
  ): void => {
    if (!wanted) input[name] = null;
    else if (value !== null && value !== '') input[name] = value;
  };
  put('password', draft.password, used.password !== null);
  put('sudoPassword', draft.sudoPassword, used.sudoPassword);
  const key = draft.keyFrom === 'path' ? draft.keyPath : draft.keyText;
  if (!used.key) input.privateKey = null;
  else if (key !== null && key.trim() !== '') {
    if (draft.keyFrom === 'path') input.privateKeyPath = key.trim();
    else input.privateKey = key.endsWith('\n') ? key : `${key}\n`;
    // A new key comes with its own passphrase, or with none.
    input.keyPassphrase =
      draft.keyPassphrase === null || draft.keyPassphrase === '' ? null : draft.keyPassphrase;
    return input;
  }
  put('keyPassphrase', draft.keyPassphrase, used.key);
  return input;
}

/** Whether the draft brings a secret, so that the vault has to be open. */
export function bringsSecret(draft: CredentialDraft): boolean {
  const input = credentialsOf(draft);
  return [
    input.password,
    input.sudoPassword,
    input.privateKey,
    input.keyPassphrase,
    input.privateKeyPath,
  ].some((secret) => typeof secret === 'string');
}

/** Fields that a new machine still needs. A sudo password may be left out: reading works without it. */
export function missingSecrets(draft: CredentialDraft): ('password' | 'key')[] {
  if (draft.authMethod === 'password' && draft.password === '') return ['password'];
  const key = draft.keyFrom === 'path' ? draft.keyPath : draft.keyText;
  return draft.authMethod === 'ssh_key' && key?.trim() === '' ? ['key'] : [];
}
