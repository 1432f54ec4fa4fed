import { describe, expect, it } from 'vitest';
import { rankCommands, type Command } from './command.ts';

const icon = (() => undefined) as unknown as Command['icon'];
const command = (id: string, group: Command['group'], label: string, names: string[] = []): Command => ({
  id,
  group,
  label,
  names,
  icon,
  run: () => undefined,
});
const commands = [
  command('refresh', 'targets', 'Refresh nas', ['Actualiser nas']),
  command('m1', 'machines', 'nas', ['ops@nas.lan']),
  command('m2', 'machines', 'reports-db', ['ops@db.lan']),
  command('reports', 'pages', 'Reports', ['Rapports']),
  command('dark', 'settings', 'Theme: dark', ['Thème : sombre']),
];
const ids = (query: string, recent: string[] = []) =>
  rankCommands(commands, query, recent).map(({ group, command: { id } }) => `${group}/${id}`);

describe('the palette', () => {
  it('without a search shows what was used lately, then every group in its order', () => {
    expect(ids('', ['dark', 'gone', 'm2'])).toEqual([
      'recent/dark',
      'recent/m2',
      'targets/refresh',
      'machines/m1',
      'pages/reports',
    ]);
  });

  it('with one shows the best first and keeps groups together', () => {
    expect(ids('rep')).toEqual(['machines/m2', 'pages/reports']);
    expect(ids('rep', ['reports'])).toEqual(['pages/reports', 'machines/m2']);
    expect(ids('nas')).toEqual(['machines/m1', 'targets/refresh']);
  });

  it('finds a command by its name in the other language', () => {
    expect(ids('theme sombre')).toEqual(['settings/dark']);
    expect(ids('actualiser')).toEqual(['targets/refresh']);
  });
});
