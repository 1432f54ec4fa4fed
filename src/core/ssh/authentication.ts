import ssh2, { type AnyAuthMethod, type AuthenticationType, type Prompt } from 'ssh2';
import { AppError, toAppError, type ErrorData } from '../../shared/domain/errors.ts';
import { addressOf, printable } from './failures.ts';
import { readPrivateKey } from './private-key.ts';
import type { SecretField, SshDirectory, SshTarget } from './types.ts';

type Method = 'password' | 'keyboard-interactive' | 'publickey' | 'agent';

const firstFactor: Record<SshTarget['authMethod'], readonly Method[]> = {
  password: ['password', 'keyboard-interactive'],
  ssh_key: ['publickey'],
  agent: ['agent'],
};
/** What may complete a login that the server called a partial success (AuthenticationMethods of sshd). */
const secondFactor: Record<SshTarget['authMethod'], readonly Method[]> = {
  password: ['publickey'],
  ssh_key: ['password', 'keyboard-interactive'],
  agent: ['password', 'keyboard-interactive'],
};

export interface AuthenticationOptions {
  readonly target: SshTarget;
  readonly directory: SshDirectory;
  readonly reason: string;
  /** Path of the agent's socket or pipe, or null. */
  readonly agentSocket: string | null;
  /** Ends the attempt; called at most once with the failure to report. */
  readonly fail: (error: AppError) => void;
}

export interface Authentication {
  /** ssh2 calls it before every attempt, which is after the host key was approved: secrets are fetched here and not earlier. */
  handler(
    offered: AuthenticationType[] | null,
    partial: boolean | null,
    next: (method: AnyAuthMethod) => void,
  ): void;
  /** A text that the server sent during the login (for example "System is booting up"). */
  banner(text: string): void;
  /** The server asked for a new password. */
  passwordExpired(): void;
  /** What a server's hang-up means once a login was tried, or null. */
  hangUp(): AppError | null;
}

/**
 * The order of login attempts: "none" to learn what the server offers (it counts as no attempt), then each suitable
 * method once. A refused password is not offered again by another method.
 */
export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { target, directory, reason } = options;
  const tried = new Set<Method>();
  let offeredNow: readonly string[] = [];
  let partialSeen = false;
  let banner = '';
  let passwordAnswered = false;

  const authFailed = (message: string, more: ErrorData = {}) =>
    new AppError('ssh_auth_failed', `${target.name}: ${message}`, {
      ...addressOf(target),
      username: target.username,
      tried: [...tried],
      offered: [...offeredNow],
      ...(banner === '' ? {} : { banner: printable(banner) }),
      ...more,
    });

  const secret = (field: SecretField) => directory.secret(target.machineId, field, reason);

  const password = async (): Promise<string> => {
    const value = await secret('password');
    if (value !== null) return value;
    throw partialSeen
      ? authFailed('the server asks for a second factor', { detail: 'second_factor' })
      : authFailed('no password is stored', { detail: 'password_missing' });
  };

  const attempts: Record<Method, () => Promise<AnyAuthMethod>> = {
    password: async () => ({
      type: 'password',
      username: target.username,
      password: await password(),
    }),
    'keyboard-interactive': async () => {
      const answer = await password();
      return {
        type: 'keyboard-interactive',
        username: target.username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          const [only] = prompts;
          if (prompts.length === 1 && only !== undefined && !passwordAnswered && asksForPassword(only)) {
            passwordAnswered = true;
            finish([answer]);
            return;
          }
          options.fail(
            authFailed('the server asks for more than a password', {
              detail: 'second_factor',
              prompts: prompts.slice(0, 5).map((prompt) => printable(prompt.prompt, 80)),
            }),
          );
        },
      };
    },
    publickey: async () => {
      const text = await secret('privateKey');
      if (text === null) {
        if (partialSeen)
          throw authFailed('the server asks for a key as second factor', { detail: 'second_factor' });
        throw new AppError('ssh_key_unreadable', `${target.name}: no private key is stored`, {
          ...addressOf(target),
          detail: 'private_key_missing',
        });
      }
      const key = readPrivateKey(text, await secret('keyPassphrase'), target.name);
      return { type: 'publickey', username: target.username, key };
    },
    agent: async () => ({
      type: 'agent',
      username: target.username,
      agent: await reachAgent(options.agentSocket, target, authFailed),
    }),
  };

  const choose = async (): Promise<AnyAuthMethod> => {
    const candidates = [
      ...firstFactor[target.authMethod],
      ...(partialSeen ? secondFactor[target.authMethod] : []),
    ];
    const method = candidates.find(
      (candidate) =>
        !tried.has(candidate) &&
        offeredNow.includes(candidate === 'agent' ? 'publickey' : candidate) &&
        !(candidate === 'keyboard-interactive' && tried.has('password')),
    );
    if (method === undefined) {
      if (partialSeen) throw authFailed('the server asks for a second factor', { detail: 'second_factor' });
      if (tried.size === 0) {
        throw authFailed(`the server does not offer this login method`, { detail: 'method_not_offered' });
      }
      throw authFailed('the server refused the login', { detail: 'refused' });
    }
    tried.add(method);
    return attempts[method]();
  };

  return {
    handler(offered, partial, next) {
      if (offered === null) {
        next({ type: 'none', username: target.username });
        return;
      }
      offeredNow = offered;
      partialSeen ||= partial === true;
      choose()
        .then(next)
        .catch((error: unknown) => {
          options.fail(toAppError(error));
        });
    },
    banner(text) {
      // A banner before any attempt is the legal notice of sshd_config; only later ones say why.
      if (tried.size > 0 && banner.length < 2000) banner += text;
    },
    passwordExpired() {
      options.fail(authFailed('the password has expired', { detail: 'password_expired' }));
    },
    hangUp() {
      return banner === '' ? null : authFailed('the server ended the login', { detail: 'ended_by_server' });
    },
  };
}

/** A single hidden prompt that is not visibly for a code: PAM's "Password:" in any language. */
function asksForPassword(prompt: Prompt): boolean {
  return (
    prompt.echo !== true && !/\b(code|token|otp|passcode|verification|duo|yubikey)\b/i.test(prompt.prompt)
  );
}

/** @throws AppError ssh_agent_unavailable, ssh_auth_failed (the agent holds no key) */
async function reachAgent(
  path: string | null,
  target: SshTarget,
  authFailed: (message: string, more: ErrorData) => AppError,
): Promise<string> {
  const unavailable = (detail: string, cause?: unknown) =>
    new AppError(
      'ssh_agent_unavailable',
      `${target.name}: the SSH agent cannot be reached: ${detail}`,
      { ...addressOf(target), detail },
      { cause },
    );
  if (path === null || path === '') throw unavailable('SSH_AUTH_SOCK is not set');
  const count = await new Promise<number>((resolve, reject) => {
    ssh2.createAgent(path).getIdentities((error, keys) => {
      if (error) reject(unavailable('no answer on its socket', error));
      else resolve(keys?.length ?? 0);
    });
  });
  if (count === 0) throw authFailed('the SSH agent holds no key', { detail: 'agent_empty' });
  return path;
}
