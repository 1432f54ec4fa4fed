import path from 'node:path';
import { parseArgs } from 'node:util';
import { defaultDataDir } from './data-dir.ts';

export interface HostArguments {
  readonly dataDir: string;
  readonly port: number;
  readonly isOpening: boolean;
  readonly isHelp: boolean;
}

/** The command line of the browser host. @throws Error with a sentence for the user */
export function readArguments(argv: readonly string[]): HostArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'data-dir': { type: 'string' },
      port: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const port = Number(values.port ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port takes a number from 1 to 65535, not ${JSON.stringify(values.port)}`);
  }
  return {
    dataDir: path.resolve(values['data-dir'] ?? defaultDataDir()),
    port,
    isOpening: !values['no-open'],
    isHelp: values.help,
  };
}

export const help = `Homeport in a browser: serves the interface on 127.0.0.1 and opens it.

  --data-dir <directory>  where everything is kept
  --port <number>         listen on this port (default: a free one)
  --no-open               print the address, open nothing
  --help                  this text
`;
