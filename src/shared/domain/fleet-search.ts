import { fleetWords, type FleetWord } from './fleet-words.ts';
import type { ListedMachine } from './listed-machine.ts';
import { tileStatus } from './tile-status.ts';

/** Lower case, without accents and with plain apostrophes: `Cle d'hote` finds `Clé d’hôte`. */
const fold = (text: string): string =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('’', "'").toLocaleLowerCase();

interface Term {
  readonly text: string;
  /** Written with a minus before it: must not occur. */
  readonly isExcluded: boolean;
}

/** Words, `"several words"`, and either with a minus before it. */
function parseQuery(query: string): Term[] {
  return [...query.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)].flatMap(([, minus, phrase, word]) => {
    const text = fold(phrase ?? word ?? '').trim();
    return text ? [{ text, isExcluded: minus === '-' }] : [];
  });
}

/** A name in both languages. */
const words = (word: FleetWord): string => `${fleetWords.en[word]}\n${fleetWords.fr[word]}`;

/** Rows are replaced when they change, so what was made of one stays true for as long as it exists. */
const texts = new WeakMap<ListedMachine, string>();

/** What a search looks through: name, address, tags, system, kind, and the words of the status in both languages. */
function textOf(row: ListedMachine): string {
  let text = texts.get(row);
  if (text !== undefined) return text;
  const { state } = row;
  text = fold(
    [
      row.name,
      `${row.username}@${row.hostname}:${row.port}`,
      ...row.tags.map(({ name }) => name),
      words(`os.${row.osFamily}`),
      // "Debian 13" is one phrase.
      `${fleetWords.en[`os.${row.osFamily}`]} ${row.osVersion ?? ''}`,
      row.osCodename ?? '',
      row.arch ?? '',
      words(`machineKind.${row.machineKind}`),
      words(`fleet.status.${tileStatus(row)}`),
      (state.updatesCount ?? 0) > 0 ? words('fleet.status.updates') : '',
      (state.securityCount ?? 0) > 0 ? words('fleet.status.security') : '',
      state.rebootRequired === true ? words('fleet.reboot') : '',
      state.updatesCount === null ? words('fleet.updatesUnknown') : '',
    ].join('\n'),
  );
  texts.set(row, text);
  return text;
}

/** A test for rows: every term of the query must occur somewhere in what describes a machine, excluded ones nowhere. */
export function matcher(query: string): (row: ListedMachine) => boolean {
  const terms = parseQuery(query);
  if (terms.length === 0) return () => true;
  return (row) => {
    const text = textOf(row);
    return terms.every((term) => text.includes(term.text) !== term.isExcluded);
  };
}

export const matchesQuery = (row: ListedMachine, query: string): boolean => matcher(query)(row);
