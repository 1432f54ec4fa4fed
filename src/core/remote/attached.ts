import { createHash } from 'node:crypto';
import { AppError, toAppError, type ErrorKind } from '../../shared/domain/errors.ts';
import { isUuid, launchFailure } from './answers.ts';
import { attachedScript } from './attached-script.ts';
import { systemClock } from './clock.ts';
import { oneConnection } from './follow.ts';
import { createRemoteRuns, defaultTiming, type RemoteRunsOptions } from './runs.ts';
import type { AttachedRuns, HeldEnd } from './types.ts';

/** In the host's memory: nothing of it outlives a boot, and nothing is written to its disks. */
const memoryDir = '/dev/shm/homeport';
/** It travels within the script that runs it. */
const maxScriptBytes = 1024 * 1024;
/**
 * A silence ends the run here, where it only makes a follower connect again there: more patience than with those. The
 * connection's own keep-alive is what notices a dead link.
 */
const silenceMs = 60_000;
/** As good as no limit: what a timer can take, 24 days. */
const longestMs = 2 ** 31 - 1;

/** Failures from before there was a session: the script cannot have reached the host. */
const sentNothing: ReadonlySet<ErrorKind> = new Set([
  'ssh_unreachable',
  'ssh_name_unresolved',
  'ssh_connection_refused',
  'ssh_jump_failed',
  'ssh_channel_refused',
]);

/** Runs that live in their SSH session: see types.ts for what sets them apart. */
export function createAttachedRuns(options: RemoteRunsOptions): AttachedRuns {
  const { exec, log } = options;
  const clock = options.clock ?? systemClock;
  const runsDir = options.runsDir ?? memoryDir;
  const volatileDir = options.volatileDir ?? runsDir;
  const timing = { ...defaultTiming, silenceMs, ...options.timing, rotateMs: longestMs };
  const runs = createRemoteRuns({ ...options, runsDir, volatileDir, leavesNothing: true });

  return {
    ...runs,
    async hold({ machineId, executionId, script, signal }, sink, onStarted) {
      if (!isUuid(executionId)) throw new AppError('invalid_input', 'An execution id is a UUID', {});
      const sizeBytes = Buffer.byteLength(script);
      if (sizeBytes === 0 || sizeBytes > maxScriptBytes)
        throw new AppError('invalid_input', 'The script is empty or too long', { sizeBytes });
      const sha256 = createHash('sha256').update(script).digest('hex');
      const names = { machineId, executionId };
      let launched = false;
      try {
        const outcome = await oneConnection(
          { exec, clock, log, runsDir, volatileDir, timing },
          { machineId, executionId, from: { output: 0, progress: 0 }, sink, signal },
          { output: 0, progress: 0 },
          {
            helloMs: timing.helloMs,
            timeoutMs: longestMs,
            reason: 'Run attached',
            script: (nonce) => attachedScript({ nonce, runsDir, volatileDir, executionId, script, sha256 }),
            onHello: () => undefined,
            onLaunched: ([, when, how, bootId, ...more]) => {
              if (when !== 'new' || how !== 'attached' || !isUuid(bootId) || more.length > 0) return false;
              log.info('Started an attached run', { ...names, bootId });
              launched = true;
              onStarted(bootId);
              return true;
            },
          },
        );
        if (outcome.kind === 'failed') throw launchFailure(outcome.step, outcome.complaint);
        if (outcome.kind === 'ended' && outcome.end.kind === 'absent')
          throw launchFailure('start', new Uint8Array());
        if (outcome.kind === 'ended') return outcome;
        if (outcome.kind === 'again')
          throw new AppError('output_unparseable', 'The host does not answer as the script must', names);
        if (!launched && sentNothing.has(outcome.error.code)) throw outcome.error;
        return lost(outcome.error);
      } catch (thrown) {
        const error = toAppError(thrown);
        if (!launched && error.code !== 'cancelled') throw error;
        return lost(error);
      }

      function lost(error: AppError): HeldEnd {
        log.info('An attached run lost its connection', { ...names, code: error.code });
        return { kind: 'lost', error };
      }
    },
  };
}
