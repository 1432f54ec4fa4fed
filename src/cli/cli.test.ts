import { afterEach, describe, expect, it } from 'vitest';
import { readArguments as readHostArguments } from '../gateway/arguments.ts';
import { speak } from '../gateway/language.ts';
import { en as hostEn } from '../gateway/words/en.ts';
import { fr as hostFr } from '../gateway/words/fr.ts';
import type { FleetRow, Job } from '../shared/contract/models.ts';
import { AppError } from '../shared/domain/errors.ts';
import { placeholders, type Catalogue } from '../shared/words/message.ts';
import { commandNames, readArguments } from './arguments.ts';
import { codeOf, exitCodes } from './exit.ts';
import { codeOfJobs } from './follow.ts';
import { choose } from './machines.ts';
import { plainLines, table } from './output.ts';
import { packageLines } from './plans.ts';
import { en } from './words/en.ts';
import { fr } from './words/fr.ts';
import { errorText, failureText, stepText, t } from './words/index.ts';

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
      for (const help of [en['cli.help'], fr['cli.help']]) expect(help).toContain(`homeport ${name}`);
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

describe('languages', () => {
  afterEach(() => speak('en'));

  it('both have the same holes, and none exclaims', () => {
    const catalogues: [Catalogue, Catalogue][] = [
      [en, fr],
      [hostEn, hostFr],
    ];
    for (const [english, french] of catalogues) {
      for (const key of Object.keys(english)) {
        expect(placeholders(french[key] ?? ''), key).toEqual(placeholders(english[key] ?? ''));
        expect(JSON.stringify([english[key], french[key]]), key).not.toContain('!');
      }
    }
  });

  it('offers the same options in every help', () => {
    const options = (text: string) => [...new Set(text.match(/--[a-z-]+/g))].sort();
    expect(options(fr['cli.help'])).toEqual(options(en['cli.help']));
    const refusals = (option: string): string[] =>
      [
        ...commandNames.map((name) => () => readArguments(name, [option])),
        () => readHostArguments([option]),
      ].map((read) => {
        try {
          read();
        } catch (error) {
          return (error as Error).message;
        }
        return '';
      });
    for (const option of options(en['cli.help'])) {
      if (option === '--lang' || option === '--help') continue;
      expect(refusals(option), option).not.toEqual(
        refusals('--no-such').map((text) => text.replace('--no-such', option)),
      );
    }
    expect(Math.max(...fr['cli.help'].split('\n').map((line) => line.length))).toBeLessThanOrEqual(128);
  });

  it('says in French what it says in English: mistakes, failures, plans', () => {
    speak('fr');
    expect(() => readArguments('list', ['--yes'])).toThrow('Il n’y a pas d’option --yes ici.');
    expect(() => readArguments('upgrade', ['--plan'])).toThrow('--plan attend une valeur');
    expect(() => readArguments('list', ['--json=1'])).toThrow('--json ne prend pas de valeur.');
    expect(() => chosen(['mail'])).toThrow('Il n’y a pas de machine "mail".');
    expect(t('cli.ask.apply', { count: 3 })).toBe('Appliquer sur 3 machines ?');
    expect([stepText('install'), stepText('step_of_tomorrow')]).toEqual(['Installation', 'step_of_tomorrow']);
    expect(failureText({ kind: 'ssh_timeout', data: { hostname: 'nas' } })).toMatch(
      /^Pas de réponse .*nas.*\(ssh_timeout\)$/,
    );
    expect(errorText(new AppError('vault_passphrase_wrong', 'Wrong passphrase'))).toBe(
      'Phrase secrète incorrecte. Vérifiez la disposition du clavier et le verrouillage des majuscules, puis ressaisissez-la. (vault_passphrase_wrong)',
    );
    const [line] = packageLines([
      {
        name: 'libc6',
        arch: 'amd64',
        operation: 'upgrade',
        currentVersion: '2.36-9',
        targetVersion: '2.36-10',
        origin: null,
        security: true,
      },
    ]);
    expect(line).toBe('  mise à niveau libc6 2.36-9 → 2.36-10 (sécurité)');
  });

  it('tells why a general kind was refused, and the cause of what nobody expected', () => {
    expect(errorText(new AppError('conflict', 'The job has ended'))).toContain('The job has ended. ');
    const cause = new Error('SQLITE_IOERR');
    expect(errorText(new AppError('internal', 'Internal error', {}, { cause }))).toContain('SQLITE_IOERR');
  });
});
