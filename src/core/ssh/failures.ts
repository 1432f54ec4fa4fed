import { AppError, type ErrorData, type ErrorKind } from '../../shared/domain/errors.ts';
import type { PresentedHostKey, SshTarget } from './types.ts';

/** How far a connection attempt has come; decides what a closed socket means. */
export type LoginPhase = 'resolve' | 'connect' | 'handshake' | 'authenticate' | 'ready';

/** Address fields that every connection error carries. */
export function addressOf(target: SshTarget): ErrorData {
  return { machineId: target.machineId, hostname: target.hostname, port: target.port };
}

/** One printable line of host-controlled text, bounded; for `data.detail` only. */
export function printable(text: string, maxLength = 300): string {
  const line = text
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '') // eslint-disable-line no-control-regex -- terminal colours of hosts
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

const socketKinds: Record<string, ErrorKind> = {
  ENOTFOUND: 'ssh_name_unresolved',
  EAI_AGAIN: 'ssh_name_unresolved',
  EAI_NONAME: 'ssh_name_unresolved',
  EAI_NODATA: 'ssh_name_unresolved',
  EAI_FAIL: 'ssh_name_unresolved',
  ENODATA: 'ssh_name_unresolved',
  ECONNREFUSED: 'ssh_connection_refused',
  EHOSTUNREACH: 'ssh_unreachable',
  ENETUNREACH: 'ssh_unreachable',
  EHOSTDOWN: 'ssh_unreachable',
  ENETDOWN: 'ssh_unreachable',
  EADDRNOTAVAIL: 'ssh_unreachable',
  EINVAL: 'ssh_unreachable',
  EACCES: 'ssh_unreachable',
  ETIMEDOUT: 'ssh_timeout',
};

/** A failure of name resolution or of the TCP connection. */
export function dialFailure(target: SshTarget, error: unknown): AppError {
  if (error instanceof AppError) return error;
  // With several addresses Node throws an AggregateError; refused by one address says more than unreachable by another.
  const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  const codes = causes.map(codeOf).filter((code) => code !== null);
  const code = codes.find((candidate) => candidate === 'ECONNREFUSED') ?? codes[0] ?? 'unknown';
  return new AppError(
    socketKinds[code] ?? 'ssh_unreachable',
    `${target.name}: ${target.hostname} port ${target.port}: ${code}`,
    { ...addressOf(target), detail: code },
    { cause: error },
  );
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** A failure that ssh2 reported, or a socket that closed, before the connection was ready. */
export function loginFailure(target: SshTarget, phase: LoginPhase, error: Error | null): AppError {
  const data = addressOf(target);
  const text = error?.message ?? 'closed';
  const fail = (code: ErrorKind, message: string, more: ErrorData = {}) =>
    new AppError(
      code,
      `${target.name}: ${message}`,
      { ...data, phase, ...more },
      error ? { cause: error } : {},
    );
  const mismatch = /no matching (.+)$/i.exec(text);
  if (mismatch) {
    return fail('ssh_algorithm_mismatch', `no common ${mismatch[1] ?? 'algorithm'}`, { detail: mismatch[1] });
  }
  if (/signature|host key/i.test(text)) {
    return fail('ssh_host_key_rejected', 'the server did not prove that it holds its host key', {
      detail: 'proof_failed',
    });
  }
  if (/too many authentication failures/i.test(text)) {
    return fail('ssh_auth_failed', 'too many login attempts', { detail: printable(text) });
  }
  if (/keepalive timeout/i.test(text))
    return fail('ssh_connection_lost', 'the server stopped answering', { detail: 'keepalive' });
  if (phase === 'authenticate' || phase === 'ready') {
    return fail('ssh_connection_lost', 'the connection closed', { detail: printable(text) });
  }
  if (/identification|greeting|header|before handshake|protocol version|packet|KEXINIT/i.test(text)) {
    return fail('ssh_unreachable', 'the port does not answer as an SSH server', {
      detail: printable(text),
    });
  }
  return fail('ssh_unreachable', 'the connection closed during the key exchange', {
    detail: printable(codeOf(error) ?? text),
  });
}

/** An approved connection that broke. */
export function lostFailure(target: SshTarget, error: Error | null): AppError {
  return loginFailure(target, 'ready', error);
}

export function hostKeyFailure(
  target: SshTarget,
  key: PresentedHostKey,
  verdict: 'unknown' | 'changed' | 'rejected',
): AppError {
  const text = { unknown: 'is not known yet', changed: 'has changed', rejected: 'was rejected' }[verdict];
  return new AppError(`ssh_host_key_${verdict}`, `${target.name}: the host key ${text}`, {
    ...addressOf(target),
    fingerprint: key.fingerprintSha256,
    keyType: key.type,
  });
}

/** The same failure, marked as that of a jump host on the way to `target`. */
export function viaFailure(target: SshTarget, jump: SshTarget, error: AppError): AppError {
  if (error.code === 'cancelled' || typeof error.data['via'] === 'string') return error;
  return new AppError(
    error.code,
    `${target.name}, by way of ${error.message}`,
    { ...error.data, via: jump.name, viaMachineId: jump.machineId },
    { cause: error },
  );
}
