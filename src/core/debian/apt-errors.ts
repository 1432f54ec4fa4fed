import type { ErrorData, ErrorKind } from '../../shared/domain/errors.ts';
import { cleanLogLine } from '../../shared/domain/reduction.ts';
import type { SnapshotError } from '../../shared/domain/snapshot.ts';
import { classify } from './apt-error-rules.ts';

/**
 * What is wrong, from the output of apt-get or dpkg in the C locale; each matter once, in the order of its first line.
 * `E:` and dpkg's errors are errors, `W:` warnings; a warning that fits no rule is no failure and is left to the messages.
 */
export function aptErrors(output: string): SnapshotError[] {
  const found = new Map<string, SnapshotError & { isEcho: boolean }>();
  const lines = output.split('\n').map((line) => cleanLogLine(line).slice(0, 4000));
  for (const [index, line] of lines.entries()) {
    const complaint = readComplaint(line, lines, index);
    if (!complaint) continue;
    const { text, reason, severity } = complaint;
    const told = classify(text);
    if (severity === 'warning' && told.kind === 'unknown') continue;
    const kind = exactKind(told.kind, reason);
    const key = `${kind} ${JSON.stringify(identity(told.data)) ?? text}`;
    const known = found.get(key);
    if (known) {
      if (severity === 'error') known.severity = 'error';
      continue;
    }
    found.set(key, {
      source: 'apt',
      kind,
      severity,
      message: reason === '' ? text : `${text} ${reason}`,
      importantLines: [
        line.trim(),
        ...(reason === '' ? [] : [reason]),
        ...(kind === 'apt_unmet_dependencies' ? unmetLines(lines) : []),
      ],
      ...(told.data ? { data: told.data } : {}),
      isEcho: told.isEcho,
    });
  }
  const errors = [...found.values()];
  const exact = new Set(errors.filter((error) => !error.isEcho).map((error) => error.kind));
  return errors
    .filter((error) => !error.isEcho || !echoes(error.kind, exact))
    .map(({ isEcho: _isEcho, ...error }) => error);
}

interface Complaint {
  readonly text: string;
  /** What dpkg tells on the line after. */
  readonly reason: string;
  readonly severity: 'error' | 'warning';
}

function readComplaint(line: string, lines: readonly string[], index: number): Complaint | null {
  const head = /^(E|W): (.*)$/.exec(line);
  if (head) {
    return { text: head[2]?.trim() ?? '', reason: '', severity: head[1] === 'W' ? 'warning' : 'error' };
  }
  // It may stand behind a prompt that nobody answered.
  const dpkg = /(?:^|\? )(dpkg: error.*)$/.exec(line)?.[1];
  if (dpkg !== undefined) {
    const next = lines[index + 1] ?? '';
    return { text: dpkg, reason: next.startsWith(' ') ? next.trim() : '', severity: 'error' };
  }
  // A full or read-only disk while fetching is told under `Err:` only.
  if (/\((?:28: No space left on device|30: Read-only file system)\)/.test(line)) {
    return { text: line.trim(), reason: '', severity: 'error' };
  }
  return null;
}

function exactKind(kind: ErrorKind, reason: string): ErrorKind {
  if (kind !== 'apt_package_failed') return kind;
  if (reason.includes('end of file on stdin at conffile prompt')) return 'apt_conffile_prompt';
  return reason.includes('No space left on device') ? 'apt_disk_full' : kind;
}

/** The packages and what they lack, as APT lists them above its complaint. */
function unmetLines(lines: readonly string[]): string[] {
  const told = lines.filter((line) =>
    /^ +(?:\S+ : )?(?:Pre-?Depends|Depends|Breaks|Conflicts|Recommends): /.test(line),
  );
  return [...new Set(told.map((line) => line.trim()))].slice(0, 50);
}

function echoes(kind: ErrorKind, exact: ReadonlySet<ErrorKind>): boolean {
  if (exact.has(kind)) return true;
  // These summaries follow any failure of their family.
  if (kind === 'apt_repository_unreachable')
    return exact.has('apt_repository_signature') || exact.has('apt_disk_full');
  if (kind === 'apt_package_failed') return exact.has('apt_conffile_prompt') || exact.has('apt_disk_full');
  if (kind === 'apt_lock_busy') return exact.has('sudo_not_allowed') || exact.has('read_only_filesystem');
  return false;
}

/** What makes two lines the same matter: a repository is one however many of its files fail. */
function identity(data: ErrorData | undefined): ErrorData | undefined {
  if (!data) return undefined;
  if (typeof data.host === 'string') {
    return {
      host: data.host,
      reason: data.reason,
      httpStatus: data.httpStatus,
      keyId: data.keyId,
      field: data.field,
    };
  }
  return data;
}
