/** The process that holds one of APT's locks. */
export interface LockHolder {
  readonly file: string;
  readonly pid: string;
  /** Null where the host did not say. */
  readonly command: string | null;
}

/** Reads the detail of a step that waits for a lock: `FILE PID COMMAND`. Null for any other detail. */
export function lockHolderOf(detail: string | null): LockHolder | null {
  const match = /^(\/var\/(?:lib|cache)\/\S*lock\S*) (\d+)(?: (.+))?$/.exec(detail?.trim() ?? '');
  if (!match) return null;
  const [, file = '', pid = '', command] = match;
  return { file, pid, command: command?.trim() ?? null };
}
