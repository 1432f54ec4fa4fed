import { unparseable, parsed, type Parsed } from './parsed.ts';
import { commandResult, parseSections, type Sections } from './sections.ts';

/** Something that a reboot would disturb. `run`: a detached run of this application is alive. */
export interface RebootObstacle {
  readonly kind: 'lock' | 'run';
  readonly pid: number;
  /** The lock file, or the run's id. */
  readonly what: string;
  readonly command: string | null;
}

export interface RebootCheck {
  readonly bootId: string;
  readonly obstacles: readonly RebootObstacle[];
}

/** What the reboot command said. `exitCode` null: it was not run, or its status never arrived. */
export interface RebootFired extends RebootCheck {
  readonly exitCode: number | null;
  readonly words: string;
  /** The script came as far as the command. */
  readonly isSent: boolean;
}

/** The output of `reboot_check`. */
export function parseRebootCheck(output: string, nonce: string): Parsed<RebootCheck> {
  const sections = parseSections(output, nonce);
  if (!sections.ok) return sections;
  return readCheck(sections.value);
}

/**
 * The output of `reboot_now`, whole or cut off at any place by what it caused: a machine that goes down does not finish its
 * sentences. What was not told is null.
 */
export function parseRebootFired(output: string, nonce: string): Parsed<RebootFired> {
  const marker = `@@${nonce} `;
  const isWhole = output.split('\n').includes(`${marker}end`);
  const sections = parseSections(isWhole ? output : `${output}\n\n${marker}end\n`, nonce);
  if (!sections.ok) return sections;
  const check = readCheck(sections.value);
  if (!check.ok) return check;
  const isSent = sections.value.has('fire');
  const fired = commandResult(sections.value, 'fire');
  return parsed({
    ...check.value,
    isSent,
    exitCode: fired.ok ? fired.value.exitCode : null,
    words: (fired.ok ? fired.value.output : (sections.value.get('fire') ?? '')).trim(),
  });
}

/** The output of `reboot_look`. */
export function parseRebootLook(
  output: string,
  nonce: string,
): Parsed<{ bootId: string; isStopping: boolean }> {
  const sections = parseSections(output, nonce);
  if (!sections.ok) return sections;
  const boot = readBootId(sections.value);
  if (!boot.ok) return boot;
  return parsed({ bootId: boot.value, isStopping: sections.value.get('state')?.trim() === 'stopping' });
}

function readBootId(sections: Sections): Parsed<string> {
  const id = (sections.get('boot') ?? '').trim();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    return unparseable('The host tells no boot id', { section: 'boot' });
  return parsed(id);
}

function readCheck(sections: Sections): Parsed<RebootCheck> {
  const boot = readBootId(sections);
  if (!boot.ok) return boot;
  const text = sections.get('obstacles');
  // Absent is not none: nobody looked.
  if (text === undefined) return unparseable('The host does not tell its locks', { section: 'obstacles' });
  const obstacles: RebootObstacle[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const lock = /^(\/\S+) (\d+)(?: (.*))?$/.exec(line);
    const run = /^run (\d+) (\S+)$/.exec(line);
    if (lock) {
      const command = lock[3]?.trim() ?? '';
      obstacles.push({
        kind: 'lock',
        what: lock[1] ?? '',
        pid: Number(lock[2]),
        command: command === '' ? null : command,
      });
    } else if (run) {
      obstacles.push({ kind: 'run', what: run[2] ?? '', pid: Number(run[1]), command: 'homeport' });
    } else {
      return unparseable('A line of the locks cannot be read', { section: 'obstacles' });
    }
  }
  return parsed({ bootId: boot.value, obstacles });
}
