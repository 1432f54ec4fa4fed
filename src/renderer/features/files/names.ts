/** Characters that would hide, move or turn what stands around them. */
const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name or path of a machine as it may be shown: what is not to be seen is written out, `\x1b`, `\u202e`. */
export function visibleName(name: string): string {
  return name.replace(harmful, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** A name with U+FFFD in it was no UTF-8 on the machine, and cannot be named back. */
export const isUnusable = (name: string): boolean => name.includes('\ufffd');

export const isName = (name: string): boolean =>
  name !== '' && name.length <= 255 && name !== '.' && name !== '..' && !/[/\0]/.test(name);

export const joinPath = (directory: string, name: string): string =>
  directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The directories that lead to a path, the root first. */
export function crumbsOf(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter(Boolean);
  return [
    { name: '/', path: '/' },
    ...names.map((name, index) => ({ name, path: `/${names.slice(0, index + 1).join('/')}` })),
  ];
}

const kindLetter = { file: '-', directory: 'd', symlink: 'l', other: '?' } as const;

/** As `ls -l` writes it: `-rw-r--r--`, with set-uid, set-gid and sticky in their places. */
export function modeText(kind: keyof typeof kindLetter, mode: number): string {
  const triple = (shift: number, special: boolean, letter: string): string => {
    const bits = (mode >> shift) & 7;
    const run = special ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? 'x' : '-';
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${run}`;
  };
  return (
    kindLetter[kind] +
    triple(6, (mode & 0o4000) !== 0, 's') +
    triple(3, (mode & 0o2000) !== 0, 's') +
    triple(0, (mode & 0o1000) !== 0, 't')
  );
}
