import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import type { Log } from '../context.ts';
import { excerpt, isUuid, launchFailure } from './answers.ts';
import { armedStateScript, armScript, revokeScript } from './armed-scripts.ts';
import { createFrameParser, MalformedFrame } from './frames.ts';
import { frameBytes } from './frame-bytes.ts';
import type { RunPlace } from './scripts.ts';
import type { Exec } from './types.ts';

export interface ArmRequest {
  readonly machineId: string;
  /** Of the run that it becomes; also the name of its directory and units. A UUID. */
  readonly executionId: string;
  readonly script: string;
  /** When the host starts it by its own clock; whole seconds count. */
  readonly dueAt: Date;
  /** The host refuses to start it after this. */
  readonly expiresAt: Date;
}

/**
 * `waiting`: the timer is set, or it is starting just now · `claimed`: it has begun, and is a run like any other ·
 * `expired`: it came too late and refused · `rebooted`, `timer_gone`: it will never start · `absent`: nothing is there.
 */
export type ArmedState =
  | { readonly kind: 'waiting' | 'expired' | 'rebooted' | 'timer_gone' | 'absent' }
  /** `startedAt` by the host's clock (ISO 8601 UTC); null where that was not written. */
  | { readonly kind: 'claimed'; readonly startedAt: string | null };

/** Runs that are handed to a host ahead of their time. Everything after their start is as for detached runs (runs.ts). */
export interface ArmedHosts {
  /**
   * Uploads the script and sets the timer; may be repeated after a lost connection.
   * @throws AppError systemd_missing, disk_full, read_only_filesystem, unknown: nothing is armed then; and what exec throws
   */
  arm(request: ArmRequest): Promise<{ bootId: string }>;
  inspect(machineId: string, executionId: string): Promise<ArmedState>;
  /** Takes it back. `started`: too late, nothing was touched. */
  revoke(machineId: string, executionId: string): Promise<'revoked' | 'started' | 'absent'>;
}

const answerBytes = 128 * 1024;
const timeoutMs = 120_000;
/** `YYYY-MM-DD HH:MM:SS UTC` (systemd.time(7), calendar events). */
const calendarOf = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const isoSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

export function createArmedHosts({
  exec,
  log,
  runsDir = '/var/lib/homeport/runs',
  volatileDir = '/run/homeport',
}: {
  readonly exec: Exec;
  readonly log: Log;
  readonly runsDir?: string;
  readonly volatileDir?: string;
}): ArmedHosts {
  async function ask(
    machineId: string,
    executionId: string,
    reason: string,
    script: (place: RunPlace) => string,
    stdin?: Uint8Array,
  ): Promise<{ words: readonly string[]; stderr: Uint8Array }> {
    if (!isUuid(executionId)) throw new AppError('invalid_input', 'An execution id is a UUID', {});
    const nonce = randomBytes(16).toString('hex');
    const result = await exec(machineId, {
      script: script({ nonce, runsDir, volatileDir, executionId }),
      asRoot: true,
      timeoutMs,
      maxBytes: answerBytes,
      reason,
      ...(stdin === undefined ? {} : { stdin }),
    });
    const parser = createFrameParser(nonce, frameBytes);
    try {
      const last = parser.push(result.stdout).at(-1);
      if (last?.kind === 'line' && parser.atBoundary) return { words: last.words, stderr: result.stderr };
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
    }
    throw unexpected(machineId, result.stderr);
  }

  const unexpected = (machineId: string, stderr: Uint8Array) =>
    new AppError('output_unparseable', 'The host gave an unknown answer', {
      machineId,
      detail: excerpt(stderr),
    });

  return {
    async arm({ machineId, executionId, script, dueAt, expiresAt }) {
      const stdin = Buffer.from(script, 'utf8');
      const sha256 = createHash('sha256').update(stdin).digest('hex');
      const { words, stderr } = await ask(
        machineId,
        executionId,
        'Arm a run',
        (place) =>
          armScript({
            ...place,
            sizeBytes: stdin.length,
            sha256,
            onCalendar: calendarOf(dueAt),
            expiryEpochSeconds: Math.floor(expiresAt.getTime() / 1000),
          }),
        stdin,
      );
      const [verb, detail, bootId] = words;
      if (verb === 'failed') throw launchFailure(detail ?? 'unknown', stderr);
      if (verb !== 'armed' || !isUuid(bootId)) throw unexpected(machineId, stderr);
      log.info('Armed a run', { machineId, executionId, dueAt: dueAt.toISOString() });
      return { bootId };
    },

    async inspect(machineId, executionId) {
      const { words, stderr } = await ask(machineId, executionId, 'Ask about an armed run', armedStateScript);
      const [kind, ...parts] = words;
      const startedAt = parts.join(':');
      switch (kind) {
        case 'claimed':
          return { kind, startedAt: isoSeconds.test(startedAt) ? startedAt : null };
        case 'waiting':
        case 'expired':
        case 'rebooted':
        case 'timer_gone':
        case 'absent':
          return { kind };
        default:
          throw unexpected(machineId, stderr);
      }
    },

    async revoke(machineId, executionId) {
      const { words, stderr } = await ask(machineId, executionId, 'Revoke an armed run', revokeScript);
      const [word] = words;
      if (word === 'failed') throw launchFailure('remove', stderr);
      if (word !== 'revoked' && word !== 'started' && word !== 'absent') throw unexpected(machineId, stderr);
      log.info('Revoked an armed run', { machineId, executionId, answer: word });
      return word;
    },
  };
}
