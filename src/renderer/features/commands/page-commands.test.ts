import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
const pagesIn = (source: string): Set<string> =>
  new Set([...source.matchAll(/\{ page: '(\w+)'/g)].map((match) => match[1] ?? ''));

/** Pages that need to be told of which machine or run they are. */
const ofOneThing = ['machine', 'run', 'compare', 'terminal_window', 'not_found'];

it('every page that needs no more than its name is in the palette', () => {
  const router = read('../../lib/router.svelte.ts');
  const pages = [...pagesIn(router.slice(router.indexOf('export type Route'), router.indexOf('parseRoute')))];
  expect(pages.length).toBeGreaterThan(8);
  const offered = pagesIn(read('page-commands.ts'));
  expect(pages.filter((page) => !offered.has(page) && !ofOneThing.includes(page))).toEqual([]);
});
