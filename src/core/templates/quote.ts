import { quote } from '../../shared/domain/shell-word.ts';

export { quote } from '../../shared/domain/shell-word.ts';

/** Words separated by blanks; an empty list is no word at all. */
export function quoteWords(values: readonly string[]): string {
  return values.map(quote).join(' ');
}
