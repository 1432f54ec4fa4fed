import { randomBytes } from 'node:crypto';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { ErrorKind } from '../../shared/domain/errors.ts';
import type { Log } from '../context.ts';
import { parseEnd } from './answers.ts';
import { MalformedFrame, createFrameParser } from './frames.ts';
import type { Frame } from './frames.ts';
import { followScript } from './follow-script.ts';
import type { Clock, Exec, FollowSink, FollowTiming, RunEnd, RunOffsets } from './types.ts';

export interface FollowAccess {
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Log;
  readonly runsDir: string;
  readonly volatileDir: string;
  readonly timing: FollowTiming;
}

export interface FollowedRun {
  readonly machineId: string;
  readonly executionId: string;
  readonly from: RunOffsets;
  readonly sink: FollowSink;
  readonly signal: AbortSignal | undefined;
}

/** What a network does and undoes by itself. Everything else needs the user, and trying again could lock an account. */
const healing: ReadonlySet<ErrorKind> = new Set([
  'disconnected',
  'ssh_unreachable',
  'ssh_name_unresolved',
  'ssh_connection_refused',
  'ssh_timeout',
  'ssh_jump_failed',
  'ssh_connection_lost',
  'ssh_channel_refused',
]);

/** So many connections in a row that brought nothing but nonsense, and the host is given up. */
const maxUselessConnections = 5;
const heartbeatMs = 3_000;

export type ConnectionEnd =
  | { readonly kind: 'ended'; readonly end: RunEnd }
  | { readonly kind: 'again' }
  /** The host could not start what this connection was to start; `complaint` is what its tools said. */
  | { readonly kind: 'failed'; readonly step: string; readonly complaint: Uint8Array }
  /** `useless`: the host answered, but nothing that could be used. */
  | { readonly kind: 'lost'; readonly error: AppError; readonly useless: boolean };

/** Follows one run to its end over any number of connections; see RemoteRuns.follow. */
export async function followRun(access: FollowAccess, run: FollowedRun): Promise<RunEnd> {
  const { clock, timing, log } = access;
  const at = { output: run.from.output, progress: run.from.progress };
  const link = { down: false, failures: 0, useless: 0 };
  const names = { machineId: run.machineId, executionId: run.executionId };
  for (;;) {
    throwIfCancelled(run.signal);
    const begun = clock.now();
    const before = at.output + at.progress;
    const short = link.down && link.failures % 4 !== 0;
    const helloMs = short ? timing.reconnectMs : timing.helloMs;
    const outcome = await oneConnection(access, run, at, {
      helloMs,
      timeoutMs: timing.rotateMs * 2 + 120_000,
      reason: 'Follow a run',
      script: (nonce) =>
        followScript({
          nonce,
          runsDir: access.runsDir,
          volatileDir: access.volatileDir,
          executionId: run.executionId,
          outputOffset: at.output,
          progressOffset: at.progress,
          maxHeartbeats: Math.ceil((timing.rotateMs * 1.5) / heartbeatMs) + 10,
        }),
      onHello: () => {
        if (!link.down) return;
        link.down = false;
        log.info('Following a run again', { ...names, offset: at.output });
        run.sink.linkUp();
      },
    });
    if (outcome.kind === 'ended') return outcome.end;
    if (outcome.kind === 'failed')
      throw new AppError('internal', 'A follow script starts nothing', { ...names, step: outcome.step });
    const progressed = at.output + at.progress > before;
    if (outcome.kind === 'again') {
      link.failures = 0;
      continue;
    }
    // A connection that comes up and breaks at once is still a failing one.
    if (progressed || clock.now() - begun > timing.longestPauseMs) link.failures = 0;
    link.useless = outcome.useless && !progressed ? link.useless + 1 : 0;
    if (link.useless >= maxUselessConnections)
      throw new AppError('output_unparseable', 'The host does not answer as the follow script must', names, {
        cause: outcome.error,
      });
    if (!link.down) {
      link.down = true;
      log.info('The link to a followed run is down', { ...names, code: outcome.error.code });
      run.sink.linkDown(outcome.error);
    }
    const pause = Math.min(timing.longestPauseMs, timing.firstPauseMs * 2 ** Math.min(link.failures, 20));
    link.failures += 1;
    await clock.sleep(pause * (0.5 + clock.random() / 2), run.signal);
  }
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppError('cancelled', 'Following was stopped');
}

/** What is sent over one connection, and how long its greeting and its whole may take. */
export interface ConnectionScript {
  readonly helloMs: number;
  readonly timeoutMs: number;
  readonly reason: string;
  script(nonce: string): string;
  onHello(): void;
  /** The host has started the run in this very connection; the words after `launched`. False: not understood. */
  onLaunched?(words: readonly string[]): boolean;
}

/** One call of exec, from the offsets in `at`, which move on with every byte that the sink stored. */
export async function oneConnection(
  access: FollowAccess,
  run: FollowedRun,
  at: { output: number; progress: number },
  connection: ConnectionScript,
): Promise<ConnectionEnd> {
  const { clock, timing } = access;
  const nonce = randomBytes(16).toString('hex');
  const parser = createFrameParser(nonce);
  const begun = clock.now();
  const state = {
    hello: false,
    storing: false,
    heardAt: begun,
    said: null as ConnectionEnd | null,
    failedStep: null as string | null,
    sinkFailure: null as { error: unknown } | null,
  };
  const stop = new AbortController();
  const finish = (said: ConnectionEnd) => {
    state.said ??= said;
    stop.abort();
  };
  const lost = (kind: ErrorKind, message: string, useless: boolean): ConnectionEnd => ({
    kind: 'lost',
    error: new AppError(kind, message, { machineId: run.machineId }),
    useless,
  });

  const store = async (frame: Frame & { kind: 'chunk' }): Promise<void> => {
    const { name, offset, bytes } = frame;
    if (name === 'file' || !state.hello || bytes.length === 0) throw new MalformedFrame('unasked bytes');
    if (offset !== at[name])
      throw new MalformedFrame(`${name} at ${String(offset)} instead of ${String(at[name])}`);
    state.storing = true;
    try {
      await run.sink[name](offset, bytes);
    } catch (error) {
      state.sinkFailure = { error };
      stop.abort();
      return;
    } finally {
      state.storing = false;
      state.heardAt = clock.now();
    }
    at[name] += bytes.length;
  };

  const hear = (words: readonly [string, ...string[]]): void => {
    if (words[0] === 'hello' && !state.hello && words.length === 1) {
      state.hello = true;
      connection.onHello();
      return;
    }
    if (!state.hello) throw new MalformedFrame('no greeting');
    if (words[0] === 'alive' && words.length === 1) return;
    if (words[0] === 'launched' && connection.onLaunched?.(words) === true) return;
    if (words[0] === 'failed' && connection.onLaunched && words[1] !== undefined) {
      state.failedStep = words[1];
      return;
    }
    if (words[0] === 'again' && words.length === 1) {
      state.said = { kind: 'again' };
      return;
    }
    if (words[0] === 'short' && words.length === 2) {
      state.sinkFailure = {
        error: new AppError('execution_output_lost', 'The host has less output than was received', {
          machineId: run.machineId,
          executionId: run.executionId,
          receivedBytes: at.output,
        }),
      };
      stop.abort();
      return;
    }
    const end = parseEnd(words);
    if (end === null) throw new MalformedFrame('an unknown line');
    if (end.kind !== 'absent' && end.outputBytes > at.output)
      throw new MalformedFrame('an end before everything was sent');
    state.said = { kind: 'ended', end };
  };

  const take = async (bytes: Uint8Array): Promise<void> => {
    try {
      state.heardAt = clock.now();
      for (const frame of parser.push(bytes)) {
        if (stop.signal.aborted) return;
        if (state.said !== null || state.failedStep !== null) throw new MalformedFrame('more after the end');
        if (frame.kind === 'chunk') await store(frame);
        else hear(frame.words);
      }
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      state.said = lost('output_unparseable', error.message, true);
      stop.abort();
      return;
    }
    if (clock.now() - begun >= timing.rotateMs && state.hello && state.said === null)
      finish({ kind: 'again' });
  };

  const watch = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(Math.min(500, timing.silenceMs / 4), stop.signal);
      const silence = clock.now() - state.heardAt;
      if (state.storing || silence <= (state.hello ? timing.silenceMs : connection.helloMs)) continue;
      finish(lost('ssh_timeout', 'The host has been silent for too long', false));
    }
  };

  const abort = () => stop.abort();
  run.signal?.addEventListener('abort', abort, { once: true });
  if (run.signal?.aborted === true) abort();
  let taken = Promise.resolve();
  let failure: AppError | null = null;
  let complaint: Uint8Array = new Uint8Array();
  const watching = watch();
  try {
    const { stderr } = await access.exec(run.machineId, {
      script: connection.script(nonce),
      asRoot: true,
      timeoutMs: connection.timeoutMs,
      reason: connection.reason,
      signal: stop.signal,
      onStdout: (bytes) => {
        // One after the other, whether or not exec waits; waiting is what slows the host down when storing is slow.
        taken = taken.then(() => (stop.signal.aborted ? undefined : take(bytes)));
        return taken;
      },
    });
    complaint = stderr;
  } catch (error) {
    failure = toAppError(error);
  }
  try {
    await taken;
  } finally {
    stop.abort();
    run.signal?.removeEventListener('abort', abort);
    await watching;
  }
  if (state.sinkFailure !== null) throw state.sinkFailure.error;
  if (state.said !== null) return state.said;
  if (state.failedStep !== null) return { kind: 'failed', step: state.failedStep, complaint };
  throwIfCancelled(run.signal);
  if (failure === null)
    return lost('ssh_connection_lost', 'The follow script ended without a word', !state.hello);
  if (!healing.has(failure.code)) throw failure;
  return { kind: 'lost', error: failure, useless: false };
}
