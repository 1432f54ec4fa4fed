/** Paths on machines: always POSIX, whatever this computer is. */

export const joinPath = (directory: string, name: string): string =>
  directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Names that no directory can hold: a server that sends one wants to lead somewhere else. */
export const isUsableName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);

/** `notes.txt` → `notes (2).txt`; what begins with a dot has no ending. */
export function numberedName(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)} (${number})${name.slice(dot)}` : `${name} (${number})`;
}

/** Names that Windows keeps for devices. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The name under which a file of a machine is offered here: no control characters, nothing that turns the direction of
 * writing, no separators, no device. The machine chose the name and may be hostile.
 */
export function downloadName(name: string): string {
  const safe = name
    .normalize('NFC')
    .replaceAll(/[\p{C}\u2028\u2029\ufffd/\\:*?"<>|]/gu, '_')
    .replaceAll(/[. ]+$/g, '')
    .slice(0, 180);
  if (/^\.*$/.test(safe)) return 'file';
  return reserved.test(safe) ? `_${safe}` : safe;
}
