import { describe, expect, it } from 'vitest';
import { downloadName, isUsableName, joinPath, nameOf, numberedName, parentOf } from './paths.ts';

describe('paths of machines', () => {
  it('are joined and taken apart as POSIX has them', () => {
    expect(joinPath('/', 'a')).toBe('/a');
    expect(joinPath('/a/b', 'c')).toBe('/a/b/c');
    expect([parentOf('/a'), parentOf('/a/b'), nameOf('/a/b')]).toEqual(['/', '/a', 'b']);
  });

  it('never take a name that leads elsewhere', () => {
    const bad = ['', '.', '..', '../x', 'a/b', '/etc', 'nul\0'];
    expect(bad.filter(isUsableName)).toEqual([]);
    expect(['...', '..x', '~', '-rf', 'a\nb'].every(isUsableName)).toBe(true);
  });

  it('number a name before its ending', () => {
    expect(numberedName('notes.txt', 2)).toBe('notes (2).txt');
    expect(numberedName('archive.tar.gz', 3)).toBe('archive.tar (3).gz');
    expect(numberedName('.bashrc', 2)).toBe('.bashrc (2)');
  });

  it('are offered here under harmless names', () => {
    expect(downloadName('../../etc/passwd')).toBe('.._.._etc_passwd');
    expect(downloadName('a\\b:c*?"<>|')).toBe('a_b_c______');
    expect(downloadName('rtl\u202egpj.exe')).toBe('rtl_gpj.exe');
    expect(downloadName('line\nbreak\u0007')).toBe('line_break_');
    expect([downloadName('..'), downloadName('. . '), downloadName('')]).toEqual(['file', 'file', 'file']);
    expect(downloadName('CON.txt')).toBe('_CON.txt');
    expect(downloadName('été 漢字.md')).toBe('été 漢字.md');
    expect(downloadName('x'.repeat(400))).toHaveLength(180);
  });
});
