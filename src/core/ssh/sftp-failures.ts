import { AppError, type ErrorKind } from '../../shared/domain/errors.ts';
import { printable } from './failures.ts';

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 7). */
export const sftpStatus = {
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;

export function statusOf(error: unknown): number | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : null;
}

const kinds: Readonly<Record<number, ErrorKind>> = {
  [sftpStatus.noSuchFile]: 'file_not_found',
  [sftpStatus.permissionDenied]: 'file_permission',
};

/** The AppError of what a server answered. "Failure" (4) is all that version 3 has for a full disk, a name that is taken, and more. */
export function sftpFailure(error: unknown, name: string, path: string): AppError {
  if (error instanceof AppError) return error;
  const status = statusOf(error);
  // A name that is no UTF-8 comes with U+FFFD in the place of what it really is, and cannot be named back.
  const isUnnamable = status === sftpStatus.noSuchFile && path.includes('\ufffd');
  const known = status === null ? undefined : kinds[status];
  const kind = isUnnamable ? 'file_name_unusable' : (known ?? 'file_failed');
  const answer = printable(error instanceof Error ? error.message : String(error));
  return new AppError(kind, `${name}: ${answer}`, { path: printable(path, 1024), answer }, { cause: error });
}
