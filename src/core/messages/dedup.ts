import { createHash } from 'node:crypto';
import type { MessageCategory, Severity } from '../../shared/domain/unions.ts';

/** What differs between two tellings of one matter: how long ago, which process, which address answered. */
const changing: readonly (readonly [RegExp, string])[] = [
  [/\(invalid (since|for another) [^)]*\)/g, '(invalid $1)'],
  [/\bprocess \d+\b/g, 'process N'],
  [/\[IP: [^\]]*\]/g, '[IP]'],
  [/\s+/g, ' '],
];

/** The key under which one matter is the same on every machine and at every look: lower-case hexadecimal sha256. */
export function messageKey(message: {
  readonly category: MessageCategory;
  readonly severity: Severity;
  readonly message: string;
}): string {
  const text = changing.reduce((sum, [pattern, to]) => sum.replace(pattern, to), message.message).trim();
  return createHash('sha256').update(`${message.category}\n${message.severity}\n${text}`).digest('hex');
}
