import path from 'node:path';
import type { ParseArgsOptionsConfig } from 'node:util';
import { defaultDataDir } from '../gateway/data-dir.ts';
import { readOptions, type GivenOptions } from '../gateway/options.ts';
import { usage } from './exit.ts';
import { t } from './words/index.ts';

const common = {
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
  lang: { type: 'string' },
  'passphrase-stdin': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

const selection = {
  tag: { type: 'string', multiple: true },
  all: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

const asking = {
  yes: { type: 'boolean', short: 'y' },
  ask: { type: 'boolean' },
  note: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

const changing = { ...selection, ...asking, 'no-wait': { type: 'boolean' } } as const;

/** The options of each command beyond the common ones. */
const optionsOf = {
  list: selection,
  refresh: { ...selection, 'no-wait': { type: 'boolean' } },
  upgrade: {
    ...changing,
    full: { type: 'boolean' },
    refresh: { type: 'boolean' },
    plan: { type: 'string' },
    conffiles: { type: 'string' },
  },
  reboot: { ...changing, unverified: { type: 'boolean' } },
  run: { ...changing, plan: { type: 'string' } },
  jobs: { ...selection, limit: { type: 'string' }, active: { type: 'boolean' } },
  report: { machine: { type: 'string' }, limit: { type: 'string' } },
  requests: { yes: asking.yes, note: asking.note, limit: { type: 'string' }, 'no-wait': changing['no-wait'] },
} as const satisfies Record<string, ParseArgsOptionsConfig>;
export type CommandName = keyof typeof optionsOf;
export const commandNames = Object.keys(optionsOf) as CommandName[];

export interface Arguments {
  readonly positionals: readonly string[];
  readonly dataDir: string;
  readonly isJson: boolean;
  readonly isHelp: boolean;
  readonly passphraseStdin: boolean;
  text(name: string): string | undefined;
  readonly flag: (name: string) => boolean;
  list(name: string): readonly string[];
  /** A whole number of 1 to `most`. @throws Exit usage */
  count(name: string, usual: number, most: number): number;
}

/** @throws Exit usage for what the command does not know */
export function readArguments(command: CommandName, args: readonly string[]): Arguments {
  const options: ParseArgsOptionsConfig = { ...common, ...optionsOf[command] };
  let parsed: GivenOptions;
  try {
    parsed = readOptions(args, options);
  } catch (error) {
    throw usage((error as Error).message);
  }
  const { values, positionals } = parsed;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals,
    dataDir: path.resolve(text('data-dir') ?? defaultDataDir()),
    isJson: values['json'] === true,
    isHelp: values['help'] === true,
    passphraseStdin: values['passphrase-stdin'] === true,
    text,
    flag: (name) => values[name] === true,
    list: (name) => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
    count(name, usual, most) {
      const given = text(name);
      if (given === undefined) return usual;
      const value = Number(given);
      if (Number.isInteger(value) && value >= 1 && value <= most) return value;
      throw usage(t('cli.number', { option: `--${name}`, most }));
    },
  };
}
