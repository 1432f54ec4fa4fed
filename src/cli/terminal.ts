import { createInterface } from 'node:readline/promises';
import { currentLanguage } from '../gateway/language.ts';
import { needsPerson, usage } from './exit.ts';
import { t } from './words/index.ts';

const MOST_CHARACTERS = 1024;

/** Whether somebody can be asked. */
export const isInteractive = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** A yes on the terminal; only a clear one counts. @throws Exit where nobody can be asked */
export async function confirmed(question: string): Promise<boolean> {
  if (!isInteractive()) throw needsPerson(t('cli.ask.nobody'));
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await lines.question(t('cli.ask.choice', { question }))).trim();
    return (currentLanguage() === 'fr' ? /^(o|oui|y|yes)$/i : /^(y|yes)$/i).test(answer);
  } finally {
    lines.close();
  }
}

/** A passphrase from the terminal, which shows nothing of it. @throws Exit where nobody can be asked, or on Ctrl-C */
export function askPassphrase(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  let typed = '';
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      end();
    };
    const onData = (chunk: string): void => {
      for (const character of chunk) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          return finish(() => resolve(typed));
        }
        if (character === '\u0003') return finish(() => reject(needsPerson(t('cli.vault.noPassphrase'))));
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character >= ' ' && typed.length < MOST_CHARACTERS) typed += character;
      }
    };
    stdin.on('data', onData);
  });
}

/** The first line of standard input. @throws Exit */
export async function readPassphrase(): Promise<string> {
  if (process.stdin.isTTY) throw usage(t('cli.vault.fromTerminal'));
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes('\n')) break;
    if (text.length > MOST_CHARACTERS) throw usage(t('cli.vault.tooLong'));
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
