import type { ForeignActor } from '../../shared/domain/unions.ts';
import { parseHistoryLog, type HistoryEntry } from './history-log.ts';
import { keyedLines, type Sections } from './sections.ts';

/** A run of APT as the machine's history tells it, with the moment at which it began. */
export interface HistoryRun {
  readonly entry: HistoryEntry;
  /** What makes it this run and no other; the same at every reading. */
  readonly identity: string;
  /** Start by the machine's clock in seconds since 1970, or null where the machine could not say. */
  readonly startedAtSeconds: number | null;
  /** Our own mark: the run of an installation of this application, 32 hexadecimal digits. */
  readonly homeportRun: string | null;
}

export interface HistoryReading {
  readonly runs: readonly HistoryRun[];
  /** Stanzas that cannot be read, as they stand. */
  readonly unreadable: readonly string[];
  /** Where the next reading begins; null: read all of this again. */
  readonly mark: string | null;
  /** The machine's clock at the reading, in seconds since 1970. */
  readonly nowSeconds: number | null;
}

/**
 * Reads the sections `history-…` of an analysis; null where the machine has no history that can be read. A last stanza
 * without an end is left for the next reading while `isBusy` (APT is at work), because it still grows.
 */
export function readHistory(sections: Sections, isBusy: boolean): HistoryReading | null {
  const log = sections.get('history-log');
  if (log === undefined) return null;
  const place = keyedLines(sections.get('history-place') ?? '');
  const times = new Map(
    [...(sections.get('history-times') ?? '').matchAll(/^(\S+) (-?\d+)$/gm)].map((m) => [m[1], Number(m[2])]),
  );
  const offset = offsetSeconds(place.get('offset')?.[0]);
  const runs: HistoryRun[] = [];
  const unreadable: string[] = [];
  const stanzas = stanzasOf(log);
  let mark = place.get('mark')?.[0] ?? null;
  for (const [i, stanza] of stanzas.entries()) {
    const read = parseHistoryLog(stanza);
    const entry = read.ok ? read.value[0] : undefined;
    if (i === stanzas.length - 1 && isBusy && (!entry || entry.endedAt === null)) {
      mark = place.get('from')?.[0] ?? null;
      continue;
    }
    if (!entry) {
      unreadable.push(stanza);
      continue;
    }
    runs.push({
      entry,
      identity: identityOf(stanza),
      startedAtSeconds: times.get(entry.startedAt) ?? localSeconds(entry.startedAt, offset),
      homeportRun: /(?:^|\s)Homeport::Run=([0-9a-f]{32})(?:\s|$)/.exec(entry.commandLine ?? '')?.[1] ?? null,
    });
  }
  const now = Number(place.get('now')?.[0] ?? NaN);
  return { runs, unreadable, mark, nowSeconds: Number.isSafeInteger(now) ? now : null };
}

/** Stanzas from the first that is whole: the reading may begin within one. */
function stanzasOf(log: string): string[] {
  return log
    .split(/\n(?=Start-Date: )|\n\s*\n/)
    .map((text) => text.trim())
    .filter((text, i) => text !== '' && (i > 0 || text.startsWith('Start-Date: ')));
}

/** Start, command line and packages; not the end and the error, which are added later. */
function identityOf(stanza: string): string {
  return stanza
    .split('\n')
    .filter((line) => !/^(?:End-Date|Error): /.test(line))
    .join('\n');
}

/** `+0130` in seconds. */
function offsetSeconds(text: string | undefined): number | null {
  const match = /^([+-])(\d{2})(\d{2})$/.exec(text ?? '');
  if (!match) return null;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 3600 + Number(match[3]) * 60);
}

function localSeconds(local: string, offset: number | null): number | null {
  const asUtc = Date.parse(`${local}Z`);
  return offset === null || Number.isNaN(asUtc) ? null : asUtc / 1000 - offset;
}

export interface Culprit {
  readonly who: ForeignActor;
  /** The user who asked for it, where the machine knows. */
  readonly user: string | null;
  /** Name of the program, such as `apt-get` or `packagekit`. */
  readonly tool: string | null;
}

const aptTools = new Set(['apt', 'apt-get', 'aptitude', 'dselect', 'synaptic']);

/** Who made a run that is not ours. */
export function culpritOf({ entry, homeportRun }: Pick<HistoryRun, 'entry' | 'homeportRun'>): Culprit {
  const user = entry.requestedBy?.user ?? null;
  const words = (entry.commandLine ?? '').split(/\s+/).map((word) => word.replace(/^.*\//, ''));
  // An interpreter is not the tool, what it runs is.
  const tool = words.find((word) => word !== '' && !/^(?:python|perl)[0-9.]*$|^-/.test(word)) ?? null;
  if (homeportRun !== null) return { who: 'homeport', user, tool };
  if (tool !== null && /^unattended-upgrades?$/.test(tool)) return { who: 'unattended_upgrades', user, tool };
  if (user !== null) return { who: 'user', user, tool };
  return { who: tool !== null && aptTools.has(tool) ? 'root' : 'other', user, tool };
}

/** A command line as it can be shown: addresses without user and password, not longer than `maxLength`. */
export function shownCommandLine(commandLine: string | null, maxLength = 300): string | null {
  if (commandLine === null) return null;
  // Bounded before the pattern, far beyond what is shown: a cut must not part a password from its `@`.
  return commandLine
    .slice(0, 4000)
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1')
    .slice(0, maxLength);
}
