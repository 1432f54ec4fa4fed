import { AppError } from '../../shared/domain/errors.ts';
import type { ErrorKind } from '../../shared/domain/errors.ts';
import { parseCount } from './frames.ts';
import type { LaunchedRun, RunEnd } from './types.ts';

/** Reads the answers of a host. All of it is untrusted: what is not exactly right is null, never a guess. */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const sha256 = /^[0-9a-f]{64}$/;

export function isUuid(text: string | undefined): text is string {
  return text !== undefined && uuid.test(text);
}

/** `absent`, `end exited CODE BYTES SHA256`, `end rebooted BYTES SHA256`, `end interrupted BYTES SHA256`. */
export function parseEnd(words: readonly string[]): RunEnd | null {
  if (words.length === 1 && words[0] === 'absent') return { kind: 'absent' };
  if (words[0] !== 'end') return null;
  const exited = words[1] === 'exited';
  const [bytesText, sum, ...more] = words.slice(exited ? 3 : 2);
  const outputBytes = parseCount(bytesText);
  if (outputBytes === null || sum === undefined || !sha256.test(sum) || more.length > 0) return null;
  const output = { outputSha256: sum, outputBytes };
  if (words[1] === 'rebooted') return { kind: 'interrupted_by_reboot', ...output };
  if (words[1] === 'interrupted') return { kind: 'interrupted', ...output };
  const exitCode = exited ? parseCount(words[2]) : null;
  return exitCode === null || exitCode > 255 ? null : { kind: 'exited', exitCode, ...output };
}

/** `launched new|earlier systemd|setsid BOOT_ID`. */
export function parseLaunched(words: readonly string[]): LaunchedRun | null {
  const [verb, when, how, bootId, ...more] = words;
  if (verb !== 'launched' || (when !== 'new' && when !== 'earlier') || more.length > 0) return null;
  if ((how !== 'systemd' && how !== 'setsid') || !isUuid(bootId)) return null;
  return { how, bootId, alreadyThere: when === 'earlier' };
}

/** The first lines of what a host's script complained of, safe to show: no control characters, at most 300 characters. */
export function excerpt(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 2_000))
    .toString('utf8')
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

/** The error of a launch that the host reported as failed at `step`, with what its tools said on stderr (LC_ALL=C). */
export function launchFailure(step: string, stderr: Uint8Array): AppError {
  const detail = excerpt(stderr);
  const data = { step, detail };
  const error = (kind: ErrorKind, message: string) => new AppError(kind, message, data);
  if (/No space left on device|Disk quota exceeded/.test(detail))
    return error('disk_full', 'The host has no room left for the run directory');
  if (/Read-only file system/.test(detail))
    return error('read_only_filesystem', 'The run directory is on a read-only file system');
  if (step === 'no_systemd')
    return error('systemd_missing', 'The host has no systemd that could keep a timer');
  if (step === 'truncated')
    return error('ssh_connection_lost', 'The script did not reach the host whole; nothing was started');
  if (step === 'unsafe')
    return error('not_allowed', 'The run directory is not a directory that belongs to root');
  return error('unknown', `The run could not be started on the host (${step})`);
}
