import path from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { defaultDataDir } from '../gateway/data-dir.ts';
import { usage } from './exit.ts';

const common = {
  'data-dir': { type: 'string' },
  json: { type: 'boolean', default: false },
  'passphrase-stdin': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig;

const selection = {
  tag: { type: 'string', multiple: true },
  all: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig;

const asking = {
  yes: { type: 'boolean', short: 'y', default: false },
  ask: { type: 'boolean', default: false },
  note: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

const changing = { ...selection, ...asking, 'no-wait': { type: 'boolean', default: false } } as const;

/** The options of each command beyond the common ones. */
const optionsOf = {
  list: selection,
  refresh: { ...selection, 'no-wait': { type: 'boolean', default: false } },
  upgrade: {
    ...changing,
    full: { type: 'boolean', default: false },
    refresh: { type: 'boolean', default: false },
    plan: { type: 'string' },
    conffiles: { type: 'string' },
  },
  reboot: { ...changing, unverified: { type: 'boolean', default: false } },
  run: { ...changing, plan: { type: 'string' } },
  jobs: { ...selection, limit: { type: 'string' }, active: { type: 'boolean', default: false } },
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
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
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
      throw usage(`--${name} takes a number from 1 to ${most}.`);
    },
  };
}

export const help = `homeport: the fleet from a terminal. Beside the running application it works through that one, else alone.

  homeport list [MACHINE…]                    machines with their updates
  homeport refresh MACHINE…                   look at machines anew
  homeport upgrade MACHINE…                   show the plan, ask, apply it, follow it
      --full                                  with new and removed packages
      --refresh                               look anew first
      --plan=HASH                             only this plan (one machine)
      --conffiles=keep|take_new|stop_before   edited configuration files
  homeport reboot MACHINE… [--unverified]     reboot and wait until it is back
  homeport run ACTION MACHINE…                any other action, such as machine_probe
  homeport jobs [--active] [MACHINE…]         what waits, runs and is done
  homeport jobs follow|cancel ID…
  homeport report [ID | --machine=MACHINE]    reports, or one as Markdown
  homeport requests [show|approve|reject ID]  what waits for approval
  homeport serve [--port=N] [--no-open]       serve the interface to a browser

Machines: names or ids, --tag=TAG (again for more), or --all.
  --yes       do not ask          --ask [--note=TEXT]  ask somebody else to approve
  --no-wait   do not follow       --json               data as JSON on standard output
  --data-dir=DIRECTORY            --passphrase-stdin   the vault's passphrase, first line of standard input

Ends with 0 done, 1 something failed, 2 wrong use, 3 a person has to decide, 4 data not available, 130 left by Ctrl-C.
`;
