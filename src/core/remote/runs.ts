import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import type { Log } from '../context.ts';
import { excerpt, isUuid, launchFailure, parseEnd, parseLaunched } from './answers.ts';
import { systemClock } from './clock.ts';
import { followRun } from './follow.ts';
import { frameBytes } from './frame-bytes.ts';
import { MalformedFrame, createFrameParser } from './frames.ts';
import type { Frame } from './frames.ts';
import * as scripts from './scripts.ts';
import type { Clock, Exec, FollowTiming, RemoteRuns } from './types.ts';

export interface RemoteRunsOptions {
  readonly exec: Exec;
  readonly log: Log;
  readonly clock?: Clock;
  /** Where run directories are made on a host. */
  readonly runsDir?: string;
  /** On the host's memory file system, for an exit code that the run directory cannot take. */
  readonly volatileDir?: string;
  /** The folder of the runs goes with the last of them. */
  readonly leavesNothing?: boolean;
  readonly timing?: Partial<FollowTiming>;
}

export const defaultTiming: FollowTiming = {
  silenceMs: 12_000,
  helloMs: 45_000,
  reconnectMs: 6_000,
  rotateMs: 600_000,
  firstPauseMs: 250,
  longestPauseMs: 5_000,
};

const maxScriptBytes = 8 * 1024 * 1024;
const maxFileBytes = 256 * 1024 * 1024;
const maxAnswerBytes = 128 * 1024;
const startTimeoutSeconds = 20;
const launchTimeoutMs = 120_000;
/** sha256 of a long output on a slow machine is the longest of the short calls. */
const askTimeoutMs = 60_000;
const fileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

interface Question {
  readonly machineId: string;
  readonly script: (nonce: string) => string;
  readonly reason: string;
  readonly timeoutMs?: number;
  readonly maxChunkBytes?: number;
  readonly stdin?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  /** All frames; there is at least one and the last is `last`. */
  readonly frames: readonly Frame[];
  readonly last: readonly [string, ...string[]];
  readonly stderr: Uint8Array;
}

/** Detached runs on hosts: see types.ts for each method, docs of the scripts for what is left on a host. */
export function createRemoteRuns(options: RemoteRunsOptions): RemoteRuns {
  const { exec, log } = options;
  const clock = options.clock ?? systemClock;
  const runsDir = options.runsDir ?? '/var/lib/homeport/runs';
  const volatileDir = options.volatileDir ?? '/run/homeport';
  const timing = { ...defaultTiming, ...options.timing };

  const place = (executionId: string, nonce: string): scripts.RunPlace => {
    if (!isUuid(executionId)) throw new AppError('invalid_input', 'An execution id is a UUID', {});
    return { nonce, runsDir, volatileDir, executionId };
  };

  const ask = async (question: Question): Promise<Answer> => {
    const nonce = randomBytes(16).toString('hex');
    const chunkBytes = question.maxChunkBytes ?? frameBytes;
    const result = await exec(question.machineId, {
      script: question.script(nonce),
      asRoot: true,
      timeoutMs: question.timeoutMs ?? askTimeoutMs,
      maxBytes: chunkBytes + maxAnswerBytes,
      reason: question.reason,
      ...(question.stdin === undefined ? {} : { stdin: question.stdin }),
      ...(question.signal === undefined ? {} : { signal: question.signal }),
    });
    const parser = createFrameParser(nonce, chunkBytes);
    try {
      const frames = parser.push(result.stdout);
      const last = frames.at(-1);
      if (last?.kind === 'line' && parser.atBoundary)
        return { frames, last: last.words, stderr: result.stderr };
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
    }
    throw new AppError('output_unparseable', 'The host gave no whole answer', {
      machineId: question.machineId,
      exitCode: result.exitCode,
      detail: excerpt(result.stderr),
    });
  };

  const unexpected = (machineId: string, answer: Answer) =>
    new AppError('output_unparseable', 'The host gave an unknown answer', {
      machineId,
      detail: excerpt(answer.stderr),
    });

  return {
    async launch({ machineId, executionId, script, signal }) {
      const stdin = Buffer.from(script, 'utf8');
      if (stdin.length === 0 || stdin.length > maxScriptBytes)
        throw new AppError('invalid_input', 'The script is empty or too long', { sizeBytes: stdin.length });
      const sha256 = createHash('sha256').update(stdin).digest('hex');
      const answer = await ask({
        machineId,
        script: (nonce) =>
          scripts.launchScript({
            ...place(executionId, nonce),
            sizeBytes: stdin.length,
            sha256,
            startTimeoutSeconds,
          }),
        reason: 'Start a run',
        timeoutMs: launchTimeoutMs,
        stdin,
        signal,
      });
      if (answer.last[0] === 'failed') throw launchFailure(answer.last[1] ?? 'unknown', answer.stderr);
      const launched = parseLaunched(answer.last);
      if (launched === null) throw unexpected(machineId, answer);
      log.info('Started a run', { machineId, executionId, ...launched, detail: excerpt(answer.stderr) });
      return launched;
    },

    async follow(machineId, executionId, from, sink, signal) {
      for (const offset of [from.output, from.progress])
        if (!Number.isSafeInteger(offset) || offset < 0)
          throw new AppError('invalid_input', 'An offset is a count of bytes', { ...from });
      place(executionId, '');
      return followRun(
        { exec, clock, log, runsDir, volatileDir, timing },
        { machineId, executionId, from, sink, signal },
      );
    },

    async inspect(machineId, executionId) {
      const answer = await ask({
        machineId,
        script: (nonce) => scripts.inspectScript(place(executionId, nonce)),
        reason: 'Ask about a run',
      });
      if (answer.last[0] === 'alive') return { alive: true, end: null };
      if (answer.last[0] === 'pending') return { alive: false, end: null };
      const end = parseEnd(answer.last);
      if (end === null) throw unexpected(machineId, answer);
      return { alive: false, end };
    },

    async readFile(machineId, executionId, name, maxBytes) {
      if (!fileName.test(name)) throw new AppError('invalid_input', 'No name of a file of a run', { name });
      if (!Number.isSafeInteger(maxBytes) || maxBytes < 0 || maxBytes > maxFileBytes)
        throw new AppError('invalid_input', 'No bound for a file', { maxBytes });
      const answer = await ask({
        machineId,
        script: (nonce) => scripts.readFileScript(place(executionId, nonce), name, maxBytes),
        reason: 'Read a result of a run',
        maxChunkBytes: maxBytes,
        timeoutMs: launchTimeoutMs,
      });
      const [file] = answer.frames;
      if (answer.last[0] === 'absent') return null;
      if (answer.last[0] === 'large')
        throw new AppError('output_too_large', 'The file is larger than the bound', {
          name,
          maxBytes,
          sizeBytes: Number(answer.last[1]),
        });
      if (answer.last[0] !== 'done' || answer.frames.length !== 2 || file?.kind !== 'chunk')
        throw unexpected(machineId, answer);
      return file.bytes;
    },

    async cancel(machineId, executionId) {
      const answer = await ask({
        machineId,
        script: (nonce) => scripts.cancelScript(place(executionId, nonce)),
        reason: 'Cancel a run',
      });
      const [word] = answer.last;
      log.info('Asked to cancel a run', { machineId, executionId, answer: word });
      if (word === 'signalled') return true;
      if (word === 'refused' || word === 'ended' || word === 'absent') return false;
      throw unexpected(machineId, answer);
    },

    async remove(machineId, executionId) {
      const answer = await ask({
        machineId,
        script: (nonce) => scripts.removeScript(place(executionId, nonce), options.leavesNothing === true),
        reason: 'Remove the files of a run',
      });
      const [word] = answer.last;
      if (word === 'removed' || word === 'absent') return;
      if (word === 'busy')
        throw new AppError('conflict', 'The run is still alive', { machineId, executionId });
      if (word === 'failed') throw launchFailure('remove', answer.stderr);
      throw unexpected(machineId, answer);
    },

    async sweep(machineId, olderThanSeconds) {
      if (!Number.isSafeInteger(olderThanSeconds) || olderThanSeconds < 0)
        throw new AppError('invalid_input', 'No age in seconds', { olderThanSeconds });
      const answer = await ask({
        machineId,
        script: (nonce) => scripts.sweepScript({ nonce, runsDir, volatileDir }, olderThanSeconds),
        reason: 'Remove the files of old runs',
        timeoutMs: launchTimeoutMs,
      });
      if (answer.last[0] !== 'done') throw unexpected(machineId, answer);
      return answer.frames.slice(0, -1).map((frame) => {
        const id = frame.kind === 'line' && frame.words[0] === 'swept' ? frame.words[1] : undefined;
        if (!isUuid(id)) throw unexpected(machineId, answer);
        return id;
      });
    },
  };
}
