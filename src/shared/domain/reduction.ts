/**
 * Reduces a log to the lines that matter. Pure and deterministic: the same log gives the same lines, in their order, each
 * once where it repeats directly.
 */
export type LogKind = 'apt' | 'docker';

const important: Record<LogKind, RegExp> = {
  apt: /^(Inst |Conf |Remv |Purg |Err |Err:|E:|W:|dpkg:)|reboot[- ]required|restart required/i,
  docker:
    /\bPulling\b|\bDigest\b|\bStatus\b|Downloaded newer image|\bRecreat(?:ing|ed)\b|\bStarted\b|\berror\b|\bdeleted\b|Total reclaimed space/i,
};

export interface ReductionLimits {
  /** Lines kept at most; the middle is left out and its length told. */
  readonly maxLines?: number;
  /** Characters kept of one line. */
  readonly maxLineLength?: number;
}

export function reduceLog(text: string, kind: LogKind, limits: ReductionLimits = {}): string[] {
  const maxLines = limits.maxLines ?? 500;
  const maxLineLength = limits.maxLineLength ?? 500;
  const kept: string[] = [];
  for (const raw of text.split('\n')) {
    const line = cleanLogLine(raw);
    if (!important[kind].test(line)) continue;
    const cut = line.length > maxLineLength ? `${line.slice(0, maxLineLength - 1)}…` : line;
    if (kept.at(-1) !== cut) kept.push(cut);
  }
  if (kept.length <= maxLines) return kept;
  const head = Math.ceil((maxLines - 1) / 2);
  const tail = maxLines - 1 - head;
  return [
    ...kept.slice(0, head),
    `… ${kept.length - head - tail} lines left out …`,
    ...kept.slice(kept.length - tail),
  ];
}

/**
 * One line as a terminal would leave it: after the last carriage return, without escape sequences and control characters,
 * and without a password in a URL.
 */
export function cleanLogLine(raw: string): string {
  const line = raw.replace(/\r+$/, '');
  return redactUrls(
    line
      .slice(line.lastIndexOf('\r') + 1)
      // eslint-disable-next-line no-control-regex -- control characters are what is removed here
      .replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g, '')
      // eslint-disable-next-line no-control-regex -- as above
      .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, ''),
  ).trimEnd();
}

/** Replaces user and password of URLs: repositories and proxies carry them. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@'"]{1,500}@/gi, '$1***@');
}
