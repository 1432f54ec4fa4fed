import { AppError } from './errors.ts';

/**
 * One word of POSIX shell (XCU 2.2.2): everything inside single quotes is literal; a quote itself is written `'\''`.
 * @throws AppError invalid_input when the value holds a NUL, which no shell word can.
 */
export function quote(value: string): string {
  if (value.includes('\0')) throw new AppError('invalid_input', 'A NUL byte cannot be passed to a shell');
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
