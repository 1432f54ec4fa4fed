import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acceleratorOf, commandOfKey, keyGroups, keysOf } from './keys.ts';

const all = keyGroups.flatMap(({ rows }) => rows.flatMap(({ keys }) => [...keys] as string[]));

describe('keys', () => {
  it('mean one thing each: everywhere, and beside that on each page', () => {
    const isOfAll = (title: string): boolean => title === 'keys.everywhere' || title === 'keys.targets';
    const keysIn = (groups: readonly (typeof keyGroups)[number][]): string[] =>
      groups.flatMap(({ rows }) => rows.flatMap(({ keys }) => [...keys] as string[]));
    const ofAll = keyGroups.filter(({ title }) => isOfAll(title));
    for (const page of keyGroups.filter(({ title }) => !isOfAll(title))) {
      const answered = keysIn([...ofAll, page]);
      expect(answered.filter((key, at) => answered.indexOf(key) !== at)).toEqual([]);
    }
  });

  it('lead to their commands, with Shift and after g', () => {
    expect(commandOfKey('r', false, null)).toBe('target.refresh');
    expect(commandOfKey('R', true, null)).toBe('target.reboot');
    expect(commandOfKey('?', true, null)).toBe('keys');
    expect(commandOfKey('r', false, 'g')).toBe('page.reports');
    expect(commandOfKey('q', false, null)).toBeUndefined();
    expect(commandOfKey('q', false, 'g')).toBeUndefined();
    expect(keysOf('target.upgrade')).toEqual(['u']);
  });

  it('stand in the menu of the desktop as Electron writes them', () => {
    expect(['r', '⇧ R', '?', 'Ctrl K', 'Ctrl +', 'g f', 'PgUp'].map(acceleratorOf)).toEqual([
      'R',
      'Shift+R',
      '?',
      'CmdOrCtrl+K',
      'CmdOrCtrl+Plus',
      undefined,
      undefined,
    ]);
  });

  it('that the fleet answers to are all in the list', () => {
    const source = readFileSync(join(import.meta.dirname, '../fleet/keyboard.ts'), 'utf8');
    const answered = [...source.matchAll(/case '(.)':|\b([a-z]): '(?:next|previous)'/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    expect(answered.length).toBeGreaterThan(8);
    const written: Record<string, string> = { ' ': '␣', R: '⇧ R' };
    expect(answered.filter((key) => !all.includes(written[key] ?? key))).toEqual([]);
  });
});
