import { createHmac, randomBytes } from 'node:crypto';
import { AppError, type ErrorKind } from '../../shared/domain/errors.ts';
import { abortError } from './deadline.ts';
import { addressOf, printable } from './failures.ts';
import type { SshDirectory, SshTarget } from './types.ts';

/** How long a password that sudo refused is not offered again: longer than pam_faillock's default window of 15 minutes. */
const refusedForMs = 20 * 60_000;

/**
 * Keeps one wrong password from locking an account: attempts on a machine go one at a time until one succeeded, and a
 * refused password is remembered (as a keyed hash) so that the next call does not offer it again.
 */
export interface SudoMemory {
  /** Waits for its turn to answer sudo on this machine; returns how to let the next one in. */
  turn(machineId: string, signal: AbortSignal): Promise<() => void>;
  isRefused(machineId: string, password: string): boolean;
  accepted(machineId: string, password: string): void;
  refused(machineId: string, password: string): void;
  forget(machineId: string): void;
}

export function createSudoMemory(now: () => number): SudoMemory {
  const key = randomBytes(32);
  const digest = (password: string) => createHmac('sha256', key).update(password).digest('hex');
  const refusals = new Map<string, { digest: string; untilMs: number }>();
  const proven = new Set<string>();
  const queues = new Map<string, Promise<void>>();

  return {
    async turn(machineId, signal) {
      if (proven.has(machineId)) return () => undefined;
      const before = queues.get(machineId) ?? Promise.resolve();
      const mine = Promise.withResolvers<undefined>();
      const chain = before.then(() => mine.promise);
      queues.set(machineId, chain);
      const leave = () => {
        mine.resolve(undefined);
        if (queues.get(machineId) === chain) queues.delete(machineId);
      };
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => {
        aborted.reject(abortError(signal));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        if (signal.aborted) throw abortError(signal);
        await Promise.race([before, aborted.promise]);
      } catch (error) {
        leave();
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
      return leave;
    },
    isRefused(machineId, password) {
      const entry = refusals.get(machineId);
      return entry !== undefined && entry.untilMs > now() && entry.digest === digest(password);
    },
    accepted(machineId) {
      proven.add(machineId);
      refusals.delete(machineId);
    },
    refused(machineId, password) {
      proven.delete(machineId);
      refusals.set(machineId, { digest: digest(password), untilMs: now() + refusedForMs });
    },
    forget(machineId) {
      proven.delete(machineId);
      refusals.delete(machineId);
    },
  };
}

export function sudoFailure(target: SshTarget, code: ErrorKind, message: string, detail: string): AppError {
  return new AppError(code, `${target.name}: ${message}`, {
    ...addressOf(target),
    username: target.username,
    detail,
  });
}

/** What it means that sudo ended without starting the root shell. `said`: what it wrote (in English, by LC_ALL=C). */
export function sudoRefusal(target: SshTarget, said: string, passwordGiven: boolean): AppError {
  const detail = printable(said);
  if (/must have a tty/i.test(said)) {
    return sudoFailure(target, 'sudo_not_allowed', 'sudo insists on a terminal (requiretty)', 'requiretty');
  }
  if (
    /not in the sudoers file|not allowed to (?:run|execute)|may not run sudo|not permitted to/i.test(said)
  ) {
    return sudoFailure(target, 'sudo_not_allowed', 'this user may not use sudo', detail);
  }
  if (
    passwordGiven &&
    /incorrect (?:password|authentication) attempt|incorrect password|try again/i.test(said)
  ) {
    return sudoFailure(target, 'sudo_password_wrong', 'sudo refused the password', detail);
  }
  if (!passwordGiven && /password is required|no password was provided|no askpass/i.test(said)) {
    return sudoFailure(target, 'sudo_password_missing', 'sudo asks for a password', detail);
  }
  return sudoFailure(target, 'sudo_not_allowed', 'sudo did not start a root shell', detail);
}

/** @throws AppError sudo_not_allowed */
export function refuseWithoutSudo(target: SshTarget): void {
  if (target.username === 'root' || target.sudoMode !== 'none') return;
  throw sudoFailure(
    target,
    'sudo_not_allowed',
    `this needs root, but the login is ${target.username} and sudo is switched off for the machine`,
    'sudo_mode_none',
  );
}

/** The password that the machine's sudo mode means, or null. */
export async function sudoPassword(
  directory: SshDirectory,
  target: SshTarget,
  reason: string,
): Promise<string | null> {
  switch (target.sudoMode) {
    case 'same_as_ssh':
      return directory.secret(target.machineId, 'password', reason);
    case 'separate':
      return directory.secret(target.machineId, 'sudoPassword', reason);
    case 'nopasswd':
    case 'none':
      return null;
  }
}
