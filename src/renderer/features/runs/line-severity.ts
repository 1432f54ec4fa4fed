/** 0 = ordinary, 1 = warning, 2 = error. Numbers, because a long log has one for each line. */
export type LineSeverity = 0 | 1 | 2;
export const severityNone = 0;
export const severityWarning = 1;
export const severityError = 2;

/** How apt, dpkg, their maintainer scripts, sudo and systemd begin a line that says that something failed. */
const errorLine =
  /^\s*(?:E: |Err:\d|dpkg: error|dpkg-\w+: error|(?:[\w./-]+: )?(?:fatal|error)(?: error)?:|Errors were encountered|Failed to |Job for \S+ failed|sudo: |Sub-process \S+ returned an error|(?:Traceback \(most recent call last\)))/i;
const warningLine =
  /^\s*(?:W: |N: .*(?:deprecat|insecure)|Ign:\d|dpkg: warning|dpkg-\w+: warning|update-\w+: warning|(?:[\w./-]+: )?(?:warning|deprecated)(?:\b|:)|\(?warning\)?[: ])/i;

/** Judges one line of a run's log by how it begins. `text` has no escape sequences. */
export function classifyLine(text: string): LineSeverity {
  // A quick way out: both patterns want one of these words.
  if (text.length < 3) return severityNone;
  const head = text.length > 200 ? text.slice(0, 200) : text;
  if (errorLine.test(head)) return severityError;
  return warningLine.test(head) ? severityWarning : severityNone;
}
