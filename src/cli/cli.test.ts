import { describe, expect, it } from 'vitest';
import type { FleetRow, Job } from '../shared/contract/models.ts';
import { commandNames, help, readArguments } from './arguments.ts';
import { codeOf, exitCodes } from './exit.ts';
import { codeOfJobs } from './follow.ts';
import { choose } from './machines.ts';
import { plainLines, table } from './output.ts';

const row = (id: string, name: string, ...tags: string[]) =>
  ({ id, name, tags: tags.map((tag) => ({ id: tag, name: tag, color: '' })) }) as unknown as FleetRow;
const rows = [
  row('1', 'web-10', 'Prod'),
  row('2', 'web-9', 'Prod', 'Lyon'),
  row('3', 'nas'),
  row('4', 'nas'),
];
const chosen = (names: string[], tags: string[] = [], all = false) =>
  choose(rows, names, { list: () => tags, flag: () => all }).map(({ id }) => id);

describe('the choice of machines', () => {
  it('is by names, ids and tags, each machine once, in the order of their names', () => {
    expect(chosen(['WEB-10', '3'])).toEqual(['3', '1']);
    expect(chosen(['web-9'], ['prod'])).toEqual(['2', '1']);
    expect(chosen([], [], true)).toHaveLength(4);
  });

  it('takes nothing that is not there or not clear', () => {
    for (const wrong of [
      () => chosen(['mail']),
      () => chosen(['nas']),
      () => chosen([], ['staging']),
      () => chosen(['web-9'], [], true),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: exitCodes.usage }));
    }
  });
});

describe('arguments', () => {
  it('are those that each command knows; the passphrase is none of them', () => {
    const args = readArguments('upgrade', [
      'web',
      '--tag=a',
      '--tag=b',
      '--yes',
      '--plan=x',
      '--data-dir=/d',
      '--json',
    ]);
    expect(args).toMatchObject({ positionals: ['web'], dataDir: '/d', isJson: true, passphraseStdin: false });
    expect(args.list('tag')).toEqual(['a', 'b']);
    expect([args.flag('yes'), args.flag('ask'), args.text('plan')]).toEqual([true, false, 'x']);
    for (const name of commandNames) {
      expect(() => readArguments(name, ['--passphrase=secret'])).toThrow(
        expect.objectContaining({ code: exitCodes.usage }),
      );
      expect(help).toContain(`homeport ${name}`);
    }
    expect(() => readArguments('list', ['--yes'])).toThrow(/yes/);
    expect(readArguments('jobs', ['--limit=7']).count('limit', 30, 500)).toBe(7);
    expect(() => readArguments('jobs', ['--limit=0']).count('limit', 30, 500)).toThrow(/1 to 500/);
  });
});

describe('what is printed and how it ends', () => {
  it('holds nothing of a host that could move the cursor', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['x\u001b[2J\r\ny', 'é'],
          ['long', ''],
        ],
      ),
    ).toBe('A        B\nx [2J y  é\nlong');
    expect(plainLines('a\u0007\nb\u202e')).toBe('a \nb ');
  });

  it('is told by one code: a decision outweighs what merely failed', () => {
    const job = (status: Job['status'], kind?: string) =>
      ({ status, error: kind ? { kind } : null }) as unknown as Job;
    expect(codeOfJobs([job('ok'), job('warning')])).toBe(exitCodes.ok);
    expect(codeOfJobs([job('ok'), job('error', 'apt_lock_busy')])).toBe(exitCodes.failed);
    expect(codeOfJobs([job('error', 'apt_lock_busy'), job('error', 'ssh_host_key_changed')])).toBe(
      exitCodes.person,
    );
    expect(codeOfJobs([job('cancelled')])).toBe(exitCodes.failed);
    expect(codeOf(['vault_locked'])).toBe(exitCodes.person);
  });
});
