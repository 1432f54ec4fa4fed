import { spawn } from 'node:child_process';
import path from 'node:path';
import { currentLanguage } from '../gateway/language.ts';

/** The browser host as a process of its own, in our place; its signals reach it from the terminal. */
export function serve(args: readonly string[]): Promise<number> {
  const host = path.join(import.meta.dirname, 'gateway.js');
  const child = spawn(process.execPath, [host, `--lang=${currentLanguage()}`, ...args], { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', pass);
  // Ctrl-C goes to the whole group: the host ends, and we with it.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
