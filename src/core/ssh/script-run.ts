import type { ClientChannel } from 'ssh2';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { abortError, type Deadline } from './deadline.ts';
import { addressOf, printable } from './failures.ts';
import { createMarkerSplit, type MarkerSplit } from './marker-split.ts';
import { framedScript, sudoLine, type Marks } from './script-text.ts';
import { sudoFailure, sudoRefusal, type SudoMemory } from './sudo.ts';
import type { ExecResult, SshTarget } from './types.ts';

export interface ScriptRun {
  readonly target: SshTarget;
  /** A channel on which `loginCommand(marks)` was started. */
  readonly channel: ClientChannel;
  readonly marks: Marks;
  readonly script: string;
  readonly stdin: Uint8Array | null;
  /** How to become root, or null to stay the login's user. */
  readonly sudo: { readonly memory: SudoMemory; readonly password: () => Promise<string | null> } | null;
  readonly maxStdoutBytes: number;
  readonly maxStderrBytes: number;
  readonly onStdout: ((chunk: Uint8Array) => void | Promise<void>) | null;
  readonly deadline: Deadline;
  /** How long the login shell, and then sudo, may take to come to our shell. */
  readonly shellTimeoutMs: number;
  readonly onLost: (callback: (error: AppError) => void) => () => void;
}

/** `shell`: the login shell starts our sh. `sudo`: sudo starts a root sh. `start`: sh reads the script. `script`: it runs. */
type Stage = 'shell' | 'sudo' | 'start' | 'script' | 'over';

/** How much of what a host says before the script is kept, for explanations only. */
const keptNoiseBytes = 4096;
/** After both trailers the shell leaves by itself; a background process that holds the channel open is not waited for. */
const closeGraceMs = 1000;

/** Runs a script over a fresh session channel; the protocol is described in script-text.ts. */
export function runScript(run: ScriptRun): Promise<ExecResult> {
  const { channel, marks, target, deadline } = run;
  return new Promise<ExecResult>((resolve, reject) => {
    let stage: Stage = 'shell';
    let out: MarkerSplit = createMarkerSplit(`${marks.ready}\n`);
    let err: MarkerSplit = createMarkerSplit(`${marks.go}\n`);
    let errorStage: 'before' | 'script' | 'over' = 'before';
    let earlyOut = '';
    let earlyErr = '';
    let shellStatus: number | null = null;
    let status: number | null = null;
    let statusText = '';
    let prompts = 0;
    let promptSearch = createMarkerSplit(marks.password);
    let offered: string | null = null;
    let leaveTurn: () => void = () => undefined;
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let stdoutBytes = 0;
    let stderrBytes = 0;
    let delivered: Promise<void> = Promise.resolve();
    let shellTimer: NodeJS.Timeout | undefined;

    const settle = () => {
      stage = 'over';
      clearTimeout(shellTimer);
      leaveTurn();
      unsubscribe();
      deadline.signal.removeEventListener('abort', onAbort);
      channel.resume(); // "close" comes only when everything was read
    };
    const fail = (error: unknown) => {
      if (stage === 'over') return;
      settle();
      closeChannel();
      reject(toAppError(error));
    };
    /** ssh2 throws when the connection under the channel is gone; then there is nothing left to close. */
    const closeChannel = () => {
      try {
        channel.close();
      } catch {
        channel.emit('close');
      }
    };
    const send = (bytes: string | Buffer, last = false) => {
      try {
        if (last) channel.end(bytes);
        else channel.write(bytes);
      } catch (error) {
        fail(
          new AppError('ssh_connection_lost', `${target.name}: the connection closed`, addressOf(target), {
            cause: error,
          }),
        );
      }
    };
    const onAbort = () => {
      fail(abortError(deadline.signal));
    };
    const succeed = (exitCode: number) => {
      settle();
      const grace = setTimeout(closeChannel, closeGraceMs);
      channel.once('close', () => {
        clearTimeout(grace);
      });
      delivered.then(() => {
        resolve({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), exitCode });
      }, reject);
    };
    const enter = (next: 'shell' | 'sudo' | 'start' | 'script') => {
      stage = next;
      deadline.phase = next === 'start' ? 'script' : next;
      clearTimeout(shellTimer);
      if (next === 'script') return;
      shellTimer = setTimeout(() => {
        fail(
          new AppError('ssh_timeout', `${target.name}: ${slowness[next]}`, {
            ...addressOf(target),
            phase: deadline.phase,
            timeoutMs: run.shellTimeoutMs,
            detail: printable(earlyErr || earlyOut),
          }),
        );
      }, run.shellTimeoutMs);
    };

    const sendScript = () => {
      enter('start');
      out = createMarkerSplit(`${marks.go}\n`);
      send(framedScript(run.script, marks, run.stdin?.length ?? null));
    };

    const onReady = () => {
      if (stage === 'shell' && run.sudo !== null) {
        enter('sudo');
        earlyOut = '';
        earlyErr = '';
        promptSearch = createMarkerSplit(marks.password);
        out = createMarkerSplit(`${marks.rootReady}\n`);
        send(sudoLine(marks));
        return;
      }
      if (stage === 'sudo' && run.sudo !== null && offered !== null) {
        run.sudo.memory.accepted(target.machineId, offered);
        leaveTurn();
      }
      sendScript();
    };

    /** The password leaves only here: after our own prompt was seen, once. */
    const answerPrompt = async (sudo: NonNullable<ScriptRun['sudo']>) => {
      leaveTurn = await sudo.memory.turn(target.machineId, deadline.signal);
      if (isOver()) {
        leaveTurn();
        return;
      }
      const password = await sudo.password();
      if (isOver()) return;
      if (password === null) {
        throw sudoFailure(target, 'sudo_password_missing', 'sudo asks for a password and none is stored', '');
      }
      if (/[\n\r\0]/.test(password)) {
        throw sudoFailure(
          target,
          'sudo_password_wrong',
          'the sudo password holds a line break',
          'line_break',
        );
      }
      if (sudo.memory.isRefused(target.machineId, password)) {
        throw sudoFailure(
          target,
          'sudo_password_wrong',
          'sudo refused this password a short while ago; it is not offered again',
          'refused_before',
        );
      }
      offered = password;
      send(`${password}\n`);
    };
    const isOver = () => stage === 'over';

    const onSudoWords = (sudo: NonNullable<ScriptRun['sudo']>, said: Buffer) => {
      const { before, after } = promptSearch.push(said);
      earlyErr = keepNoise(earlyErr, before);
      if (after === null || isOver()) return;
      prompts += 1;
      if (prompts > 1) {
        if (offered !== null) sudo.memory.refused(target.machineId, offered);
        fail(sudoFailure(target, 'sudo_password_wrong', 'sudo refused the password', printable(earlyErr)));
        return;
      }
      answerPrompt(sudo).catch(fail);
      onSudoWords(sudo, after);
    };

    const deliver = (bytes: Buffer) => {
      if (bytes.length === 0) return;
      stdoutBytes += bytes.length;
      if (stdoutBytes > run.maxStdoutBytes) {
        fail(tooLarge(target, 'stdout', run.maxStdoutBytes));
        return;
      }
      if (run.onStdout === null) {
        stdout.push(bytes);
        return;
      }
      const { onStdout } = run;
      channel.pause();
      delivered = delivered.then(() => onStdout(bytes));
      delivered.then(() => {
        channel.resume();
      }, fail);
    };

    const finishIfDone = () => {
      if (stage === 'script' && status !== null && errorStage === 'over') succeed(status);
    };

    const onOut = (chunk: Buffer): void => {
      if (stage === 'over') return;
      if (status !== null) return; // after the trailer: a process that the script left behind
      if (stage === 'script' && statusText !== '') {
        readStatus(chunk);
        return;
      }
      const { before, after } = out.push(chunk);
      if (stage === 'script') deliver(before);
      else earlyOut = keepNoise(earlyOut, before);
      if (after === null || isOver()) {
        if (stage === 'sudo' && earlyOut.includes(marks.noSudo)) {
          fail(sudoFailure(target, 'sudo_missing', 'sudo is not installed', ''));
        }
        return;
      }
      if (stage === 'script') {
        statusText = ' ';
        readStatus(after);
      } else if (stage === 'start') {
        enter('script');
        out = createMarkerSplit(`${marks.end} `);
        if (run.stdin !== null) send(Buffer.from(run.stdin), true);
        onOut(after);
      } else {
        onReady();
        onOut(after);
      }
    };

    const readStatus = (chunk: Buffer) => {
      statusText += chunk.toString('latin1', 0, 16);
      const match = /^ (\d{1,3})\n/.exec(statusText);
      if (match) {
        status = Number(match[1]);
        finishIfDone();
      } else if (statusText.length > 8) {
        fail(lostTrailer());
      }
    };

    const onErr = (chunk: Buffer): void => {
      if (stage === 'over' || errorStage === 'over') return;
      const { before, after } = err.push(chunk);
      if (errorStage === 'before') {
        if (stage === 'sudo' && run.sudo !== null) onSudoWords(run.sudo, before);
        else earlyErr = keepNoise(earlyErr, before);
      } else {
        stderrBytes += before.length;
        stderr.push(before);
        if (stderrBytes > run.maxStderrBytes) {
          fail(tooLarge(target, 'stderr', run.maxStderrBytes));
          return;
        }
      }
      if (after === null || isOver()) return;
      if (errorStage === 'before') {
        errorStage = 'script';
        err = createMarkerSplit(`${marks.end} `);
        onErr(after);
      } else {
        errorStage = 'over';
        finishIfDone();
      }
    };

    const lostTrailer = () =>
      new AppError('ssh_connection_lost', `${target.name}: the script ended without its trailer`, {
        ...addressOf(target),
        detail: 'trailer_missing',
        shellStatus,
      });

    const onClose = () => {
      switch (stage) {
        case 'over':
          return;
        case 'shell':
          fail(
            shellRefusal(target, `${earlyOut}${out.rest().toString()} ${earlyErr}${err.rest().toString()}`),
          );
          return;
        case 'sudo': {
          const refusal = sudoRefusal(
            target,
            `${earlyErr}${promptSearch.rest().toString()}${err.rest().toString()}`,
            offered !== null,
          );
          if (refusal.code === 'sudo_password_wrong' && offered !== null) {
            run.sudo?.memory.refused(target.machineId, offered);
          }
          fail(refusal);
          return;
        }
        case 'start':
          fail(
            shellStatus === null
              ? lostTrailer()
              : new AppError('internal', `${target.name}: sh could not read the script`, { shellStatus }),
          );
          return;
        case 'script':
          if (status !== null) succeed(status);
          else fail(lostTrailer());
      }
    };

    const unsubscribe = run.onLost(fail);
    if (deadline.signal.aborted) {
      onAbort();
      return;
    }
    deadline.signal.addEventListener('abort', onAbort, { once: true });
    enter('shell');
    channel.on('exit', (code: unknown) => {
      if (typeof code === 'number') shellStatus = code;
    });
    channel.on('close', onClose);
    channel.stderr.on('data', onErr);
    channel.on('data', onOut);
  });
}

const slowness = {
  shell: 'the login shell did not start sh',
  sudo: 'sudo neither asked with our prompt nor started a shell',
  start: 'sh did not begin the script',
};

function keepNoise(kept: string, more: Buffer): string {
  return (kept + more.toString('latin1')).slice(-keptNoiseBytes);
}

function tooLarge(target: SshTarget, stream: 'stdout' | 'stderr', maxBytes: number): AppError {
  return new AppError('output_too_large', `${target.name}: more than ${maxBytes} bytes on ${stream}`, {
    ...addressOf(target),
    stream,
    maxBytes,
  });
}

/** The login worked, and then the account's shell refused to run a command (nologin, a menu, an expired password). */
function shellRefusal(target: SshTarget, said: string): AppError {
  const detail = printable(said);
  const because = /not available|nologin/i.test(said)
    ? 'the login shell of this account refuses commands'
    : 'the login shell ended before it ran a command';
  return new AppError(
    'ssh_channel_refused',
    `${target.name}: ${because}${detail === '' ? '' : `: ${detail}`}`,
    { ...addressOf(target), detail, cause: 'login_shell' },
  );
}
