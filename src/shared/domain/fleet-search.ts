import { fleetWords, type FleetWord } from './fleet-words.ts';
import type { ListedMachine } from './listed-machine.ts';
import { tileStatus } from './tile-status.ts';

/** Lower case, without accents and with plain apostrophes: `Cle d'hote` finds `Clé d’hôte`. */
const fold = (text: string): string =>
  isPlain.test(text)
    ? text.toLowerCase()
    : text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('’', "'").toLocaleLowerCase();

/** ASCII has no accents: a run over a thousand machines is judged on the way to a person's answer. */
const isPlain = /^[\0-\x7f]*$/;

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

const known = new Map<FleetWord, string>();
/** A name in both languages, folded. */
function words(word: FleetWord): string {
  let text = known.get(word);
  if (text === undefined) {
    text = fold(`${fleetWords.en[word]}\n${fleetWords.fr[word]}`);
    known.set(word, text);
  }
  return text;
}

/** Rows are replaced when they change, so what was made of one stays true for as long as it exists. */
const texts = new WeakMap<ListedMachine, string>();

/** What a search looks through: name, address, tags, system, kind, and the words of the status in both languages. */
function textOf(row: ListedMachine): string {
  let text = texts.get(row);
  if (text !== undefined) return text;
  const { state } = row;
  const own = [
    row.name,
    `${row.username}@${row.hostname}:${row.port}`,
    ...row.tags.map(({ name }) => name),
    // "Debian 13" is one phrase.
    `${fleetWords.en[`os.${row.osFamily}`]} ${row.osVersion ?? ''}`,
    row.osCodename ?? '',
    row.arch ?? '',
  ];
  text = [
    fold(own.join('\n')),
    words(`os.${row.osFamily}`),
    words(`machineKind.${row.machineKind}`),
    words(`fleet.status.${tileStatus(row)}`),
    (state.updatesCount ?? 0) > 0 ? words('fleet.status.updates') : '',
    (state.securityCount ?? 0) > 0 ? words('fleet.status.security') : '',
    state.rebootRequired === true ? words('fleet.reboot') : '',
    state.updatesCount === null ? words('fleet.updatesUnknown') : '',
  ].join('\n');
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
