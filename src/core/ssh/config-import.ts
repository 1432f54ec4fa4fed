import sshConfig, { type Line, type Section } from 'ssh-config';
import { wildcardMatch } from './known-hosts.ts';

/** A machine as `~/.ssh/config` describes it. */
export interface SshConfigCandidate {
  readonly alias: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string | null;
  /** Path as written (`~` and tokens not expanded), the first one given. */
  readonly identityFile: string | null;
  /** Jump hosts in the order in which they are passed: aliases or `[user@]host[:port]`. */
  readonly proxyJump: readonly string[];
}

/** What was left out and why; `subject` is a file name, a pattern or a directive. */
export interface SshConfigNote {
  readonly kind:
    | 'match_ignored'
    | 'wildcard_skipped'
    | 'include_missing'
    | 'include_too_deep'
    | 'too_many_includes'
    | 'too_large'
    | 'unreadable'
    | 'proxy_command_ignored'
    | 'port_invalid';
  readonly subject: string;
}

export interface SshConfigImport {
  readonly candidates: readonly SshConfigCandidate[];
  readonly notes: readonly SshConfigNote[];
}

/**
 * The texts of the files that an Include names (globs and `~` resolved by the caller, relative to ~/.ssh), in order;
 * empty when there is none.
 */
export type IncludeReader = (pattern: string) => readonly { readonly name: string; readonly text: string }[];

const maxDepth = 16; // ssh_config(5) allows 16 levels
const maxIncludes = 256;
const maxTextBytes = 1024 * 1024;
const maxCandidates = 5000;
/** Blocks with wildcards are tried for every machine: more of them than anybody writes would only cost time. */
const maxWildcardBlocks = 500;

interface Block {
  readonly patterns: readonly string[];
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Reads the text of an ssh_config(5) file. For every alias the first value of each keyword counts, blocks with
 * wildcards included, as in ssh. `Match` needs a running ssh and is left out. Nothing is executed. Never throws.
 */
export function importSshConfig(text: string, readInclude: IncludeReader = () => []): SshConfigImport {
  const notes: SshConfigNote[] = [];
  const blocks: Block[] = [];
  let includes = 0;

  const read = (source: string, name: string, depth: number, guard: readonly string[]) => {
    if (source.length > maxTextBytes) {
      notes.push({ kind: 'too_large', subject: name });
      return;
    }
    const lines = parse(source);
    if (lines === null) {
      notes.push({ kind: 'unreadable', subject: name });
      return;
    }
    collect(lines, name, depth, guard);
  };

  /** `guard`: the patterns of the Host block that the lines stand in. */
  const collect = (lines: Iterable<Line>, name: string, depth: number, guard: readonly string[]) => {
    let values = new Map<string, string>();
    const flush = () => {
      if (values.size > 0) blocks.push({ patterns: guard, values });
      values = new Map();
    };
    for (const line of lines) {
      if (!('param' in line)) continue;
      const keyword = line.param.toLowerCase();
      if (keyword === 'match') {
        notes.push({ kind: 'match_ignored', subject: words(line.value).join(' ') });
      } else if (keyword === 'host') {
        flush();
        const patterns = words(line.value);
        blocks.push({ patterns, values: new Map() });
        collect((line as Section).config, name, depth, patterns);
      } else if (keyword === 'include') {
        flush();
        for (const pattern of words(line.value)) include(pattern, depth, guard);
      } else if (!values.has(keyword)) {
        values.set(keyword, words(line.value).join(' '));
      }
    }
    flush();
  };

  const include = (pattern: string, depth: number, guard: readonly string[]) => {
    if (depth >= maxDepth) {
      notes.push({ kind: 'include_too_deep', subject: pattern });
      return;
    }
    const files = readInclude(pattern);
    if (files.length === 0) notes.push({ kind: 'include_missing', subject: pattern });
    for (const file of files) {
      includes += 1;
      if (includes > maxIncludes) {
        if (includes === maxIncludes + 1) notes.push({ kind: 'too_many_includes', subject: pattern });
        return;
      }
      read(file.text, file.name, depth + 1, guard);
    }
  };

  read(text, 'config', 0, ['*']);
  const blocksFor = indexOf(blocks, notes);
  const candidates = [...aliasesOf(blocks, notes)]
    .slice(0, maxCandidates)
    .map((alias) => candidate(alias, blocksFor(alias), notes));
  return { candidates, notes };
}

function parse(text: string): Iterable<Line> | null {
  try {
    return sshConfig.parse(text);
  } catch {
    return null; // noted by the caller
  }
}

/** Names without wildcard or negation, each once, in the order of the file. */
function aliasesOf(blocks: readonly Block[], notes: SshConfigNote[]): ReadonlySet<string> {
  const aliases = new Set<string>();
  for (const { patterns, values } of blocks) {
    if (values.size > 0) continue; // the Host line itself has its own, empty, block
    const plain = patterns.filter((pattern) => !/[*?!]/.test(pattern) && pattern !== '');
    for (const alias of plain) aliases.add(alias);
    if (plain.length === 0) notes.push({ kind: 'wildcard_skipped', subject: patterns.join(' ') });
  }
  return aliases;
}

/** The blocks that apply to an alias, in the order of the file; those that name it plainly are not searched for. */
function indexOf(blocks: readonly Block[], notes: SshConfigNote[]): (alias: string) => readonly Block[] {
  const plain = new Map<string, number[]>();
  const wild: number[] = [];
  for (const [at, { patterns, values }] of blocks.entries()) {
    if (values.size === 0) continue;
    if (patterns.some((pattern) => /[*?!]/.test(pattern))) {
      if (wild.length < maxWildcardBlocks) wild.push(at);
      else notes.push({ kind: 'wildcard_skipped', subject: patterns.join(' ') });
    } else {
      for (const pattern of new Set(patterns)) {
        const known = plain.get(pattern);
        if (known) known.push(at);
        else plain.set(pattern, [at]);
      }
    }
  }
  return (alias) =>
    [...(plain.get(alias) ?? []), ...wild.filter((at) => applies(blocks[at]?.patterns ?? [], alias))]
      .sort((a, b) => a - b)
      .flatMap((at) => blocks[at] ?? []);
}

function candidate(alias: string, applying: readonly Block[], notes: SshConfigNote[]): SshConfigCandidate {
  const first = (keyword: string): string | null => {
    for (const { values } of applying) {
      const value = values.get(keyword);
      if (value !== undefined && value !== '') return value;
    }
    return null;
  };
  const portText = first('port');
  const port = portText === null ? 22 : Number(portText);
  const portValid = Number.isInteger(port) && port >= 1 && port <= 65535;
  if (!portValid) notes.push({ kind: 'port_invalid', subject: alias });
  const jump = first('proxyjump');
  if (jump === null && (first('proxycommand') ?? 'none').toLowerCase() !== 'none') {
    notes.push({ kind: 'proxy_command_ignored', subject: alias });
  }
  const hostname = (first('hostname') ?? alias).replace(/%(.)/g, (token, letter: string) =>
    letter === 'h' ? alias : letter === '%' ? '%' : token,
  );
  return {
    alias,
    hostname,
    port: portValid ? port : 22,
    username: first('user'),
    identityFile: first('identityfile'),
    proxyJump:
      jump === null || jump.toLowerCase() === 'none'
        ? []
        : jump
            .split(',')
            .map((hop) => hop.trim())
            .filter((hop) => hop !== ''),
  };
}

function applies(patterns: readonly string[], alias: string): boolean {
  let found = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!wildcardMatch(negated ? pattern.slice(1) : pattern, alias)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function words(value: string | readonly { readonly val: string }[]): string[] {
  return typeof value === 'string'
    ? value.split(/[ \t]+/).filter((word) => word !== '')
    : value.map(({ val }) => val).filter((word) => word !== '');
}
