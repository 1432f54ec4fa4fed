/**
 * Of a run's important lines those that a person has not seen otherwise: what was to be installed, configured or removed
 * stands in the table of packages.
 */
export const linesToRead = (lines: readonly string[]): string[] =>
  lines.filter((line) => !/^(?:Inst|Conf|Remv|Purg) \S/.test(line));
