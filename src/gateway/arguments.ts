import path from 'node:path';
import { languageOf } from '../shared/words/language.ts';
import { defaultDataDir } from './data-dir.ts';
import { hostLanguage, speak } from './language.ts';
import { readOptions, takeOption } from './options.ts';
import { say } from './words/index.ts';

export interface HostArguments {
  readonly dataDir: string;
  readonly port: number;
  readonly isOpening: boolean;
  readonly isHelp: boolean;
}

/**
 * Chooses the language of this process, so that whatever follows is said in it: `--lang`, else the application's setting,
 * else the system's. Returns the words without `--lang`. @throws Error for a language that is not spoken
 */
export function chooseLanguage(argv: readonly string[]): readonly string[] {
  const { value: given, rest } = takeOption(argv, 'lang');
  const chosen = given === undefined ? null : languageOf(given);
  speak(chosen ?? hostLanguage(path.resolve(takeOption(argv, 'data-dir').value ?? defaultDataDir())));
  if (given !== undefined && !chosen) throw new Error(say('options.lang', { value: JSON.stringify(given) }));
  return rest;
}

/** The command line of the browser host. @throws Error with a sentence for the user */
export function readArguments(argv: readonly string[]): HostArguments {
  const { values, positionals } = readOptions(argv, {
    'data-dir': { type: 'string' },
    port: { type: 'string' },
    'no-open': { type: 'boolean' },
    lang: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  const [extra] = positionals;
  if (extra !== undefined) throw new Error(say('options.noNames', { value: JSON.stringify(extra) }));
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const port = Number(text('port') ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(say('options.port', { value: JSON.stringify(text('port')) }));
  }
  return {
    dataDir: path.resolve(text('data-dir') ?? defaultDataDir()),
    port,
    isOpening: values['no-open'] !== true,
    isHelp: values['help'] === true,
  };
}
