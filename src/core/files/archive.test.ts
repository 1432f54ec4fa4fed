import { describe, expect, test } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { missingFrom } from './archive.ts';

const said = (exitCode: number, text: string) =>
  missingFrom('/srv', { exitCode, stderr: new TextEncoder().encode(text) });
const codeOf = (work: () => unknown): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof AppError ? error.code : 'other';
  }
};

describe('what tar leaves out', () => {
  test('nothing: sockets are no content', () => {
    expect(said(0, 'tar: srv/run/x.sock: socket ignored\n')).toBeNull();
  });

  test('entries that could not be read or changed are named, each once', () => {
    const text =
      'tar: srv/a: b: Cannot open: Permission denied\n' +
      'tar: srv/log: file changed as we read it\n' +
      'tar: srv/log: file changed as we read it\n' +
      'tar: srv/gone: File removed before we read it\n' +
      'tar: srv/new\\nline: Cannot stat: Permission denied\n' +
      'tar: Exiting with failure status due to previous errors\n';
    expect(said(2, text)).toMatchObject({
      code: 'archive_incomplete',
      data: { path: '/srv', count: 4, entries: ['srv/a: b', 'srv/log', 'srv/gone', 'srv/new\\nline'] },
    });
    expect(said(1, 'tar: something else\n')?.data).toMatchObject({ count: 1, entries: [] });
  });

  test('an archive that is not whole is a failure', () => {
    const broken = 'tar: -: Cannot write: Broken pipe\ntar: Error is not recoverable: exiting now\n';
    expect(codeOf(() => said(2, broken))).toBe('file_failed');
    expect(codeOf(() => said(137, ''))).toBe('file_failed');
    expect(codeOf(() => said(127, 'sh: 1: tar: not found\n'))).toBe('tar_missing');
  });
});
