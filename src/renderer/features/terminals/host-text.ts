/** Most that is shown of a title. */
const mostCharacters = 120;

/**
 * Text of a host as it may stand in the interface: no control characters, nothing that turns the direction of writing or
 * hides, bounded, one line.
 */
export function hostText(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu, ' ').replace(/\s+/gu, ' ');
  const characters = [...plain.trim()];
  return characters.length > mostCharacters
    ? `${characters.slice(0, mostCharacters).join('')}…`
    : characters.join('');
}
