/** One word of POSIX sh that stands for `text` literally. @throws RangeError on a NUL, which no shell word can hold. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('A shell word cannot hold a NUL');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
