import { describe, expect, it } from 'vitest';
import type { FileEntry } from '../../../shared/contract/files.ts';
import { arrange, rowByLetters } from './listing.ts';
import { hasCrlf } from './line-ends.ts';
import { crumbsOf, isName, modeText, visibleName } from './names.ts';

const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  name,
  kind: 'file',
  sizeBytes: 0,
  modifiedAt: 0,
  mode: 0o644,
  owner: 'ops',
  group: 'ops',
  linkTarget: null,
  linkKind: null,
  ...more,
});
const names = (entries: readonly FileEntry[]) => entries.map(({ name }) => name);

describe('a directory', () => {
  const entries = [
    entry('file10'),
    entry('file9', { sizeBytes: 5 }),
    entry('.hidden'),
    entry('zdir', { kind: 'directory' }),
    entry('link', { kind: 'symlink', linkKind: 'directory', linkTarget: '/' }),
  ];
  const all = { showHidden: true, filter: '' };

  it('shows directories and links to them first, then names as a person counts', () => {
    expect(
      names(arrange(entries, { key: 'name', descending: false }, { ...all, showHidden: false })),
    ).toEqual(['link', 'zdir', 'file9', 'file10']);
    expect(names(arrange(entries, { key: 'size', descending: true }, all)).slice(2, 3)).toEqual(['file9']);
    expect(names(arrange(entries, { key: 'name', descending: false }, { ...all, filter: 'E1' }))).toEqual([
      'file10',
    ]);
  });

  it('is gone through by letters, from where the keyboard stands and around', () => {
    const shown = [entry('alpha'), entry('beta'), entry('bravo')];
    expect([rowByLetters(shown, 0, 'b'), rowByLetters(shown, 1, 'b'), rowByLetters(shown, 2, 'b')]).toEqual([
      1, 2, 1,
    ]);
    expect([rowByLetters(shown, 1, 'br'), rowByLetters(shown, 0, 'x')]).toEqual([2, -1]);
  });
});

describe('names of machines', () => {
  it('show what would hide, move or turn', () => {
    expect(visibleName('a\x1b[31m\n')).toBe('a\\x1b[31m\\x0a');
    expect(visibleName('rtl\u202egpj.exe')).toBe('rtl\\u202egpj.exe');
    expect(visibleName('été 漢字')).toBe('été 漢字');
  });
  it('are names only without a way elsewhere', () => {
    expect(['', '.', '..', 'a/b', 'nul\0'].filter(isName)).toEqual([]);
  });
  it('lead to their directories', () => {
    expect(crumbsOf('/a/b').map(({ path }) => path)).toEqual(['/', '/a', '/a/b']);
  });
  it('have permissions as ls writes them', () => {
    expect(modeText('file', 0o4755)).toBe('-rwsr-xr-x');
    expect(modeText('directory', 0o1777)).toBe('drwxrwxrwt');
    expect(modeText('file', 0o2644)).toBe('-rw-r-Sr--');
  });
});

describe('line ends', () => {
  it('are CRLF only where every line has them', () => {
    expect([
      hasCrlf('a\r\nb\r\n'),
      hasCrlf('a\r\nb\n'),
      hasCrlf('a\n'),
      hasCrlf('a\r\n\n'),
      hasCrlf(''),
    ]).toEqual([true, false, false, false, false]);
  });
});
