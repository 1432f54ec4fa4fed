import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../shared/domain/errors.ts';
import { chooseLanguage, readArguments } from './arguments.ts';
import { browserCommand } from './browser.ts';
import { defaultDataDir, prepareDataDir } from './data-dir.ts';
import { startAdvice } from './failures.ts';
import { currentLanguage, hostLanguage, speak, systemLanguage } from './language.ts';
import { openLogFile } from './log-file.ts';
import { plainPage } from './pages.ts';
import { socketOwner } from './peer.ts';
import { locate } from './renderer-files.ts';
import { createSessions } from './sessions.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'homeport-host-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

describe('where the data is', () => {
  test.each([
    ['linux', {}, '/home/a/.local/share/homeport'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/homeport'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '/home/a/.local/share/homeport'],
    ['darwin', {}, '/home/a/Library/Application Support/Homeport'],
    ['win32', { APPDATA: 'C:\\Users\\a\\AppData\\Roaming' }, 'C:\\Users\\a\\AppData\\Roaming\\Homeport'],
  ] as const)('%s with %j', (platform, env, expected) => {
    expect(defaultDataDir(platform, env, '/home/a')).toBe(expected);
  });

  test.skipIf(process.platform !== 'linux')('is given up where nothing can be made (needs /proc)', () => {
    expect(() => {
      prepareDataDir('/proc/homeport/data');
    }).toThrow('ENOENT');
  });

  test('is made for this user only, also where it was open', () => {
    const dataDir = path.join(dir, 'a/b');
    prepareDataDir(dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(() => {
      writeFileSync(path.join(dir, 'file'), '');
      prepareDataDir(path.join(dir, 'file'));
    }).toThrow(/EEXIST|ENOTDIR/);
  });
});

describe('the command line', () => {
  test('reads its options', () => {
    expect(readArguments(['--data-dir', dir, '--port', '8123', '--no-open'])).toEqual({
      dataDir: dir,
      port: 8123,
      isOpening: false,
      isHelp: false,
    });
    expect(readArguments([])).toMatchObject({ port: 0, isOpening: true, dataDir: defaultDataDir() });
  });
  test.each([['--port', 'x'], ['--port', '70000'], ['--port', '-1'], ['--colour'], ['stray']])(
    'refuses %s %s',
    (...argv) => {
      expect(() => readArguments(argv.filter((word) => typeof word === 'string'))).toThrow();
    },
  );
});

describe('the language of a terminal', () => {
  afterEach(() => speak('en'));
  const setTo = (language: string) => {
    const database = new BetterSqlite3(path.join(dir, 'homeport.db'));
    database.exec(
      "create table if not exists user_preferences (user_id text, key text, value_json text); delete from user_preferences; insert into user_preferences values ('local', 'interface', '{}')",
    );
    database.prepare("update user_preferences set value_json = json_object('language', ?)").run(language);
    database.close();
  };

  test.each([
    [{ LC_ALL: 'fr_FR.UTF-8', LC_MESSAGES: 'en_US', LANG: 'en_US' }, 'fr'],
    [{ LC_ALL: '', LC_MESSAGES: 'fr_CA', LANG: 'en_US.UTF-8' }, 'fr'],
    [{ LANG: 'fr' }, 'fr'],
    [{ LC_ALL: 'C', LANG: 'fr_FR' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{ LANG: 'fry_NL' }, 'en'],
  ] as const)('of %j is %s', (env, expected) => {
    expect(systemLanguage(env)).toBe(expected);
  });

  test('is the application’s where that can be read, else the system’s', () => {
    const env = { LANG: 'fr_FR.UTF-8' };
    expect(hostLanguage(dir, env)).toBe('fr');
    for (const [setting, expected] of [
      ['en', 'en'],
      ['system', 'fr'],
      ['fr', 'fr'],
      ['of tomorrow', 'fr'],
    ] as const) {
      setTo(setting);
      expect(hostLanguage(dir, env), setting).toBe(expected);
    }
    setTo('en');
    writeFileSync(path.join(dir, 'homeport.db'), 'not a database');
    expect(hostLanguage(dir, env)).toBe('fr');
  });

  test('is chosen by --lang before all, wherever it stands; another one is refused', () => {
    setTo('fr');
    const rest = chooseLanguage(['list', '--lang', 'en', `--data-dir=${dir}`, 'web']);
    expect([currentLanguage(), rest]).toEqual(['en', ['list', `--data-dir=${dir}`, 'web']]);
    expect(chooseLanguage([`--data-dir=${dir}`])).toHaveLength(1);
    expect(currentLanguage()).toBe('fr');
    expect(() => chooseLanguage(['--lang=de', `--data-dir=${dir}`])).toThrow(
      '--lang prend en ou fr, pas "de".',
    );
    expect(() => readArguments(['--port'])).toThrow('--port attend une valeur : --port=VALEUR.');
    expect(plainPage('notFound')).toContain('<html lang="fr">');
    expect(plainPage('notFound')).toContain('Il n’y a rien à cette adresse.');
    expect(startAdvice(new AppError('database_busy', 'x'), { dataDir: dir, port: 0 })).toContain(
      'Un autre Homeport',
    );
  });
});

describe('the browser', () => {
  const url = 'http://127.0.0.1:1/open?t=x';
  test('is not opened without a display', () => {
    expect(browserCommand(url, dir, 'linux', { PATH: '/usr/bin' })).toBeNull();
  });
  test('is Chromium with a profile of its own, else the default one, else none', () => {
    const env = { PATH: dir, DISPLAY: ':0' };
    expect(browserCommand(url, '/profile', 'linux', env)).toBeNull();
    writeFileSync(path.join(dir, 'xdg-open'), '', { mode: 0o755 });
    expect(browserCommand(url, '/profile', 'linux', env)).toEqual({
      file: path.join(dir, 'xdg-open'),
      args: [url],
    });
    writeFileSync(path.join(dir, 'chromium'), '', { mode: 0o755 });
    expect(browserCommand(url, '/profile', 'linux', env)).toMatchObject({
      file: path.join(dir, 'chromium'),
      args: expect.arrayContaining([`--app=${url}`, '--user-data-dir=/profile']) as string[],
    });
  });
});

describe('launch tokens', () => {
  test('expire', () => {
    let nowMs = 0;
    const sessions = createSessions(() => nowMs);
    const early = sessions.newLaunchToken();
    const late = sessions.newLaunchToken();
    nowMs = 11 * 3_600_000;
    expect(sessions.redeem(early)).not.toBeNull();
    nowMs = 13 * 3_600_000;
    expect(sessions.redeem(late)).toBeNull();
  });
  test('keep the newest sessions when there are too many', () => {
    const sessions = createSessions();
    const all = Array.from({ length: 70 }, () => sessions.redeem(sessions.newLaunchToken()) ?? '');
    expect(sessions.isValid(all.at(-1) ?? '')).toBe(true);
    expect(sessions.isValid(all[0] ?? '')).toBe(false);
  });
});

test.each([
  ['/', '/app/page/index.html'],
  ['/assets/a%20b.js', '/app/page/assets/a b.js'],
  ['/assets/../index.html', '/app/page/index.html'],
  ['/../page-other/index.html', null],
  ['/..%2fpage-other/index.html', null],
  ['/../../etc/index.html', null],
  ['index.html', null],
  ['/a%00.js', null],
  ['/%zz.js', null],
  ['/passwd', null],
])('the page has %j at %j', (pathname, expected) => {
  expect(locate('/app/page', pathname)).toBe(expected);
});

test('the owner of a connection is read from the kernel table', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 18201 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 18202 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 18203 1 0 20 4 30 10 -1
`;
  expect(socketOwner(table, 50_000, 8_080)).toBe(1000);
  expect(socketOwner(table, 50_001, 8_080)).toBeNull();
});

describe('advice', () => {
  const options = { dataDir: '/data', port: 80 };
  const nodeError = (code: string, syscall = 'open'): Error =>
    Object.assign(new Error(code), { code, syscall });
  test.each([
    [nodeError('EADDRINUSE', 'listen'), 'Port 80 is in use'],
    [nodeError('EACCES', 'listen'), 'may not listen on port 80'],
    [nodeError('EACCES'), 'cannot write to /data'],
    [nodeError('ENOSPC'), 'full'],
    [nodeError('ENOENT', 'mkdir'), 'cannot be made'],
    [new AppError('database_newer', 'x'), 'newer Homeport'],
    [new AppError('database_busy', 'x'), 'Another Homeport'],
  ])('for %s', (error, expected) => {
    expect(startAdvice(error, options)).toContain(expected);
  });
  test('is silent about what it does not know', () => {
    expect(startAdvice(new Error('?'), options)).toBeNull();
  });
});

test('the log keeps causes, is private and bounded', () => {
  const log = openLogFile(dir);
  log.error('It broke', { reference: 'r1', error: new Error('outer', { cause: new Error('inner') }) });
  const file = path.join(dir, 'logs/homeport.log');
  const entry = JSON.parse(readFileSync(file, 'utf8')) as { error: { cause: { message: string } } };
  expect(entry).toMatchObject({ level: 'error', reference: 'r1', error: { message: 'outer' } });
  expect(entry.error.cause.message).toBe('inner');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (let n = 0; n < 30; n += 1) log.info('x'.repeat(500_000));
  expect(statSync(file).size).toBeLessThan(6_500_000);
});
