import { randomBytes } from 'node:crypto';
import { AppError, toAppError, type ErrorKind } from '../../shared/domain/errors.ts';
import {
  parseRebootCheck,
  parseRebootFired,
  parseRebootLook,
  type RebootCheck,
  type RebootFired,
  type RebootObstacle,
} from '../debian/reboot-answers.ts';
import type { Parsed } from '../debian/parsed.ts';
import type { Sighting } from '../reboot/index.ts';
import { renderTemplate } from '../templates/render.ts';
import type { ActionDeps } from './deps.ts';

const CHECK_LIMIT_MS = 60_000;
/** `systemctl reboot` answers at once or not at all. */
const FIRE_LIMIT_MS = 45_000;
/** One login of a machine that starts: a hung one must not use up the wait. */
const LOOK_LIMIT_MS = 10_000;
const RING_LIMIT_MS = 5_000;
const OUTPUT_LIMIT_BYTES = 256 * 1024;

/** What is said to a machine around its reboot, with the answers read. */
export interface RebootContact {
  check(signal: AbortSignal): Promise<RebootCheck>;
  /**
   * Sends the reboot command. A connection that goes away is what the command is for: then `exitCode` is null, and so is
   * the answer as a whole where nothing of it arrived.
   * @throws AppError where certainly nothing was sent: ssh_auth_failed, sudo_*, vault_*, ssh_host_key_*, …
   */
  fire(script: { text: string; nonce: string }, signal: AbortSignal): Promise<RebootFired | null>;
  /** @throws AppError for what no waiting heals: a changed host key, a locked vault, cancelled */
  look(signal: AbortSignal): Promise<Sighting>;
  ring(signal: AbortSignal): Promise<boolean>;
}

export function rebootContact(deps: ActionDeps, machineId: string): RebootContact {
  const { pool, templatesDir } = deps;
  const newNonce = () => randomBytes(12).toString('hex');

  return {
    async check(signal) {
      const nonce = newNonce();
      const { script } = renderTemplate(templatesDir, 'reboot_check', { nonce });
      const { stdout } = await pool.exec(machineId, {
        script,
        asRoot: true,
        timeoutMs: CHECK_LIMIT_MS,
        maxBytes: OUTPUT_LIMIT_BYTES,
        signal,
        reason: 'check before a reboot',
      });
      return believe(parseRebootCheck(Buffer.from(stdout).toString('utf8'), nonce));
    },

    async fire({ text, nonce }, signal) {
      const chunks: Uint8Array[] = [];
      try {
        await pool.exec(machineId, {
          script: text,
          asRoot: true,
          timeoutMs: FIRE_LIMIT_MS,
          maxBytes: OUTPUT_LIMIT_BYTES,
          signal,
          reason: 'reboot',
          onStdout: (chunk) => void chunks.push(chunk.slice()),
        });
      } catch (thrown) {
        const error = toAppError(thrown);
        if (!mayHaveBeenSent.has(error.code)) throw error;
      } finally {
        // Whatever answers next must come over a connection of its own.
        pool.drop(machineId);
      }
      const said = Buffer.concat(chunks).toString('utf8');
      const answer = parseRebootFired(said, nonce);
      return answer.ok ? answer.value : null;
    },

    async look(signal) {
      pool.drop(machineId);
      const nonce = newNonce();
      const { script } = renderTemplate(templatesDir, 'reboot_look', { nonce });
      try {
        const { stdout } = await pool.exec(machineId, {
          script,
          timeoutMs: LOOK_LIMIT_MS,
          maxBytes: OUTPUT_LIMIT_BYTES,
          signal,
          reason: 'wait for a reboot',
        });
        const answer = parseRebootLook(Buffer.from(stdout).toString('utf8'), nonce);
        if (!answer.ok) return { kind: 'answering', detail: answer.error.message };
        return { kind: 'up', bootId: answer.value.bootId, stopping: answer.value.isStopping };
      } catch (thrown) {
        return sightingOf(toAppError(thrown));
      }
    },

    async ring(signal) {
      try {
        await pool.scanHostKey(machineId, { signal, timeoutMs: RING_LIMIT_MS });
        return true;
      } catch (thrown) {
        const error = toAppError(thrown);
        // Something is there that is not as it was: the login finds out what.
        return sightingOf(error).kind !== 'away';
      }
    },
  };
}

/** The link was up and broke, or was silent: the command may have reached the host. */
const mayHaveBeenSent = new Set<ErrorKind>([
  'ssh_connection_lost',
  'ssh_timeout',
  'ssh_channel_refused',
  'output_too_large',
  'cancelled',
]);

/** A failed try as a phase of the reboot. @throws the error itself where it is not one */
export function sightingOf(error: AppError): Sighting {
  const words = error.data['detail'];
  const detail = typeof words === 'string' && words !== '' ? `${error.code} (${words})` : error.code;
  switch (error.code) {
    case 'ssh_unreachable':
    case 'ssh_name_unresolved':
    case 'ssh_connection_refused':
    case 'ssh_timeout':
    case 'ssh_jump_failed':
      return { kind: 'away', detail };
    case 'ssh_connection_lost':
    case 'ssh_channel_refused':
    case 'ssh_auth_failed':
      // Of a jump host on the way, it says nothing about the machine.
      return { kind: error.data['via'] === undefined ? 'answering' : 'away', detail };
    default:
      throw error;
  }
}

/** @throws AppError apt_lock_busy, named after what holds it */
export function refuseObstacles(
  obstacles: readonly RebootObstacle[],
  machine: { machineId: string; name: string },
): void {
  const [first] = obstacles;
  if (!first) return;
  const holder = first.kind === 'run' ? `Homeport (${first.pid})` : `${first.command ?? '?'} (${first.pid})`;
  throw new AppError(
    'apt_lock_busy',
    first.kind === 'run'
      ? `A run is still at work on ${machine.name}`
      : `${holder} holds ${first.what} on ${machine.name}`,
    {
      ...machine,
      holder,
      pid: first.pid,
      command: first.command,
      ...(first.kind === 'run' ? { executionId: first.what } : { file: first.what }),
    },
  );
}

function believe<T>(answer: Parsed<T>): T {
  if (answer.ok) return answer.value;
  throw new AppError(answer.error.kind, answer.error.message, answer.error.data);
}
