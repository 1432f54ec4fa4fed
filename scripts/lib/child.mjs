import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program in our place: same terminal, our signals passed on, its exit code ours (128 + n for signal n, as a shell
 * says it).
 */
export function runInOurPlace({ file, args }, { cwd, env }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      console.error(`${file} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
