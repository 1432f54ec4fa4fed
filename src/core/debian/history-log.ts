import { parsed, unparseable, type Parsed } from './parsed.ts';

export interface HistoryChange {
  readonly name: string;
  readonly arch: string | null;
  readonly fromVersion: string | null;
  readonly toVersion: string | null;
  readonly automatic: boolean;
  readonly operation: 'install' | 'upgrade' | 'downgrade' | 'reinstall' | 'remove' | 'purge';
}

/** One run of APT. Times are the machine's local ones, `YYYY-MM-DDTHH:MM:SS`: the log names no zone. */
export interface HistoryEntry {
  readonly startedAt: string;
  /** Null: it still runs, or it was killed. */
  readonly endedAt: string | null;
  readonly commandLine: string | null;
  readonly requestedBy: { readonly user: string; readonly uid: number } | null;
  readonly changes: readonly HistoryChange[];
  readonly error: string | null;
}

const operations: Record<string, HistoryChange['operation']> = {
  Install: 'install',
  Upgrade: 'upgrade',
  Downgrade: 'downgrade',
  Reinstall: 'reinstall',
  Remove: 'remove',
  Purge: 'purge',
};

/**
 * Reads /var/log/apt/history.log: stanzas between empty lines, oldest first. What stands before the first `Start-Date` (the
 * file was read from its middle) is left out; a stanza that cannot be read fails the whole, so that no update gets lost.
 */
export function parseHistoryLog(text: string): Parsed<readonly HistoryEntry[]> {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('Start-Date: '));
  if (start === -1) {
    return text.trim() === '' ? parsed([]) : unparseable('The history holds no stanza');
  }
  const entries: HistoryEntry[] = [];
  let stanza = new Map<string, string>();
  const finish = (): Parsed<null> => {
    if (stanza.size === 0) return parsed(null);
    const entry = readStanza(stanza);
    if (!entry)
      return unparseable('A stanza of the history cannot be read', { startDate: stanza.get('Start-Date') });
    entries.push(entry);
    stanza = new Map();
    return parsed(null);
  };
  for (const line of lines.slice(start)) {
    if (line.trim() === '' || line.startsWith('Start-Date: ')) {
      const done = finish();
      if (!done.ok) return done;
    }
    const match = /^([A-Z][A-Za-z-]*): (.*)$/.exec(line);
    if (match) stanza.set(match[1] ?? '', match[2] ?? '');
    else if (line.trim() !== '')
      return unparseable('A line of the history cannot be read', { line: line.slice(0, 300) });
  }
  const done = finish();
  return done.ok ? parsed(entries) : done;
}

function readStanza(stanza: ReadonlyMap<string, string>): HistoryEntry | null {
  const startedAt = readTime(stanza.get('Start-Date'));
  if (startedAt === null) return null;
  const changes: HistoryChange[] = [];
  for (const [field, operation] of Object.entries(operations)) {
    const list = stanza.get(field);
    if (list === undefined) continue;
    const items = readChanges(list, operation);
    if (!items) return null;
    changes.push(...items);
  }
  const end = stanza.get('End-Date');
  const endedAt = readTime(end);
  if (end !== undefined && endedAt === null) return null;
  const by = /^(\S+) \((\d+)\)$/.exec(stanza.get('Requested-By') ?? '');
  return {
    startedAt,
    endedAt,
    commandLine: stanza.get('Commandline') ?? null,
    requestedBy: by ? { user: by[1] ?? '', uid: Number(by[2]) } : null,
    changes,
    error: stanza.get('Error') ?? null,
  };
}

function readTime(text: string | undefined): string | null {
  const match = /^(\d{4}-\d{2}-\d{2}) {1,2}(\d{2}:\d{2}:\d{2})$/.exec(text ?? '');
  return match ? `${match[1]}T${match[2]}` : null;
}

/** `name:arch (version, automatic), name:arch (old, new)`. */
function readChanges(list: string, operation: HistoryChange['operation']): HistoryChange[] | null {
  const changes: HistoryChange[] = [];
  for (const item of list.split(/(?<=\)), /)) {
    const match = /^([^\s:()]+)(?::([a-z0-9-]+))? \(([^()]*)\)$/.exec(item);
    if (!match) return null;
    const words = (match[3] ?? '').split(', ');
    const automatic = words.at(-1) === 'automatic';
    const versions = automatic ? words.slice(0, -1) : words;
    const [first = null, second = null] = versions;
    if (first === null || versions.length > 2) return null;
    const leaves = operation === 'remove' || operation === 'purge';
    const twoVersions = operation === 'upgrade' || operation === 'downgrade';
    if (twoVersions && second === null) return null;
    changes.push({
      name: match[1] ?? '',
      arch: match[2] ?? null,
      fromVersion: leaves || twoVersions || operation === 'reinstall' ? first : null,
      toVersion: leaves ? null : twoVersions ? second : first,
      automatic,
      operation,
    });
  }
  return changes;
}
