/**
 * What APT says on its status descriptor while it works, as apt-pkg/deb/dpkgpm.cc and apt-pkg/acquire.cc have it in the C
 * locale, in which our scripts run. Longer phrases come before those that they begin with.
 */
const verbs = [
  ['Preparing to completely remove', 'purgeSoon'],
  ['Preparing to configure', 'configureSoon'],
  ['Preparing for removal of', 'removeSoon'],
  ['Preparing', 'prepare'],
  ['Unpacking', 'unpack'],
  ['Configuring', 'configure'],
  ['Installing', 'install'],
  ['Installed', 'installed'],
  ['Removing', 'remove'],
  ['Removed', 'removed'],
  ['Completely removing', 'purge'],
  ['Completely removed', 'purged'],
  ['Noting disappearance of', 'disappear'],
  ['Running post-installation trigger', 'trigger'],
] as const;

const units = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000 } as const;

/** `1d 2h 3min 4s`, as APT writes a time that is left; null for anything else. */
function timeLeftMs(text: string): number | null {
  if (!/^\d+(?:d|h|min|s)(?: \d+(?:h|min|s))*$/.test(text)) return null;
  return [...text.matchAll(/(\d+)(d|h|min|s)\b/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units],
    0,
  );
}

/** What one of APT's phrases says; `package` is the name as APT has it. */
export type AptPhrase =
  | { code: 'dpkg' }
  | { code: 'retrieve'; at: number; of: number; leftMs: number | null }
  | { code: (typeof verbs)[number][1]; package: string };

/** Recognises one of APT's phrases; null where it is none of them. */
export function aptPhrase(text: string): AptPhrase | null {
  if (text === 'Running dpkg') return { code: 'dpkg' };
  const file = /^Retrieving file (\d+) of (\d+)(?: \((.+) remaining\))?$/.exec(text);
  if (file) {
    const [, at, of, left] = file;
    return {
      code: 'retrieve',
      at: Number(at),
      of: Number(of),
      leftMs: left === undefined ? null : timeLeftMs(left),
    };
  }
  for (const [phrase, code] of verbs) {
    if (!text.startsWith(`${phrase} `)) continue;
    const name = text.slice(phrase.length + 1);
    // A name and perhaps its architecture; a phrase that goes on is another one.
    if (/^\S+(?: \([\w-]+\))?$/.test(name)) return { code, package: name };
  }
  return null;
}
