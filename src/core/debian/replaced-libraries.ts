import { keyedLines } from './sections.ts';

export interface ReplacedLibraries {
  /** Units (or, without systemd, processes by name) that run with libraries whose files were replaced. */
  readonly services: readonly string[];
  readonly libraries: readonly string[];
}

/**
 * Reads the section `mapped`. Null when the host did not look. Only long-running services count: what belongs to a login
 * session, a user's manager or a container on this machine is none of its own.
 */
export function parseReplacedLibraries(section: string | undefined): ReplacedLibraries | null {
  const lines = keyedLines(section ?? '');
  if (!lines.has('looked')) return null;
  const init = lines.get('init')?.[0];
  // Of this machine's own tree: under a container manager, the first process is not at the root.
  const base = init?.replace(/\/init\.scope$/, '').replace(/\/$/, '');
  const services = new Set<string>();
  for (const line of lines.get('process') ?? []) {
    const match = /^(\d+) (\S+)(?: (\/.*))?$/.exec(line);
    if (!match) continue;
    const [, pid = '', command = '', group = ''] = match;
    const name = init === undefined ? command : base === undefined ? null : unitOf(pid, group, base);
    if (name !== null) services.add(name);
  }
  return {
    services: [...services].sort(),
    libraries: [...new Set(lines.get('library') ?? [])].sort(),
  };
}

function unitOf(pid: string, group: string, base: string): string | null {
  // As needrestart calls it.
  if (pid === '1') return 'systemd-manager';
  if (!group.startsWith(`${base}/system.slice/`)) return null;
  const parts = group.slice(base.length + 1).split('/');
  const unit = parts.find((part) => part.endsWith('.service'));
  return unit === undefined || unit.startsWith('user@') ? null : unescapeUnit(unit);
}

/** systemd escapes a name that the control group file system would read as its own with a leading `_`. */
function unescapeUnit(unit: string): string {
  return unit.startsWith('_') ? unit.slice(1) : unit;
}
