import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const lookEveryMs = 500;

/**
 * npm passes SIGTERM to the shell between it and us, and that shell dies without passing it on. So under npm a parent that
 * has gone means that we are to stop; started otherwise, it may be a terminal that was left behind on purpose.
 */
function onNpmGone(stop, env) {
  if (!env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, lookEveryMs);
  timer.unref();
}

/**
 * Runs a program in our place: same terminal, our signals passed on, its exit code ours (128 + n for signal n, as a shell
 * says it).
 */
export function runInOurPlace({ file, args }, { cwd, env }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    onNpmGone(() => child.kill('SIGTERM'), env);
    child.on('error', (error) => {
      console.error(`${file} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
