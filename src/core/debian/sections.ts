import { parsed, unparseable, type Parsed } from './parsed.ts';

/** The named sections of a script's output, in their order. */
export type Sections = ReadonlyMap<string, string>;

/**
 * Reads output framed as `@@<nonce> name` lines. Everything before the first marker is login noise; everything is refused
 * without the closing `end`, because then the output is cut off and an absent line means nothing.
 */
export function parseSections(text: string, nonce: string): Parsed<Sections> {
  const marker = `@@${nonce} `;
  const sections = new Map<string, string>();
  let name: string | null = null;
  let body: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (!line.startsWith(marker)) {
      if (name !== null) body.push(line);
      continue;
    }
    if (name !== null) sections.set(name, sectionText(body));
    name = line.slice(marker.length);
    body = [];
    if (!/^[a-z][a-z0-9-]*$/.test(name)) return unparseable('A section of the output has no usable name');
    if (sections.has(name)) return unparseable(`Section ${name} came twice`, { section: name });
    if (name === 'end') return parsed(sections);
  }
  return unparseable(name === null ? 'The output holds no section' : 'The output is cut off', {
    lastSection: name,
  });
}

/** The marker is printed after a newline of its own, which does not belong to the section. */
function sectionText(lines: readonly string[]): string {
  return (lines.at(-1) === '' ? lines.slice(0, -1) : lines).join('\n').replace(/\n$/, '');
}

/** A section that must be there. */
export function requireSection(sections: Sections, name: string): Parsed<string> {
  const text = sections.get(name);
  return text === undefined ? unparseable(`Section ${name} is missing`, { section: name }) : parsed(text);
}

export interface CommandResult {
  readonly output: string;
  readonly exitCode: number;
}

/** A section whose last line is `rc=N`, the exit status of the command that printed the rest. */
export function commandResult(sections: Sections, name: string): Parsed<CommandResult> {
  const section = requireSection(sections, name);
  if (!section.ok) return section;
  const end = section.value.lastIndexOf('\n');
  const match = /^rc=([0-9]{1,3})$/.exec(section.value.slice(end + 1));
  if (!match) return unparseable(`Section ${name} does not tell its exit status`, { section: name });
  return parsed({ output: section.value.slice(0, Math.max(0, end)), exitCode: Number(match[1]) });
}

/** Lines `key value`; a key may come several times. Lines without a value are left out. */
export function keyedLines(text: string): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 1) continue;
    const value = line.slice(space + 1).trim();
    if (value === '') continue;
    const key = line.slice(0, space);
    const values = result.get(key);
    if (values) values.push(value);
    else result.set(key, [value]);
  }
  return result;
}
