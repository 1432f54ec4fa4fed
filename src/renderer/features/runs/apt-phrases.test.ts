import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aptPhrase } from './apt-phrases.ts';

const fixtures = new URL('../../../core/debian/fixtures/status-fd/', import.meta.url);
/** Every text that APT said on its status descriptor in the recorded runs. */
const recorded = readdirSync(fixtures)
  .filter((name) => name.endsWith('.txt'))
  .flatMap((name) => readFileSync(new URL(name, fixtures), 'utf8').split('\n'))
  .flatMap((line) => /^(?:dlstatus|pmstatus):.+?:[\d.]+:(.*)$/.exec(line)?.[1] ?? []);

describe('the phrases of APT', () => {
  it('that were recorded are all known', () => {
    expect(recorded.length).toBeGreaterThan(50);
    expect([...new Set(recorded)].filter((text) => aptPhrase(text) === null)).toEqual([]);
  });

  it.each([
    ['Running dpkg', { code: 'dpkg' }],
    ['Unpacking libc6 (i386)', { code: 'unpack', package: 'libc6 (i386)' }],
    ['Preparing nano', { code: 'prepare', package: 'nano' }],
    ['Preparing to configure nano', { code: 'configureSoon', package: 'nano' }],
    ['Preparing for removal of nano (amd64)', { code: 'removeSoon', package: 'nano (amd64)' }],
    ['Completely removed vim-tiny (amd64)', { code: 'purged', package: 'vim-tiny (amd64)' }],
    ['Retrieving file 3 of 10', { code: 'retrieve', at: 3, of: 10, leftMs: null }],
    ['Retrieving file 3 of 10 (1min 5s remaining)', { code: 'retrieve', at: 3, of: 10, leftMs: 65_000 }],
    [
      'Retrieving file 3 of 10 (1d 2h 0min 4s remaining)',
      { code: 'retrieve', at: 3, of: 10, leftMs: 93_604_000 },
    ],
    ['Retrieving file 3 of 10 (soon remaining)', { code: 'retrieve', at: 3, of: 10, leftMs: null }],
  ])('%s', (text, phrase) => {
    expect(aptPhrase(text)).toEqual(phrase);
  });

  it.each([
    '',
    'Preparing',
    'Preparing for tomorrow and more',
    'Installed by hand',
    'dpkg: error',
    'Déballage de x',
  ])('do not include "%s", which stays as the host said it', (text) => {
    expect(aptPhrase(text)).toBeNull();
  });
});
