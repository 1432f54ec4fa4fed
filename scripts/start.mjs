// `npm start`: installs and builds what is missing, then starts Homeport. Plain JavaScript, because the Node that runs it
// may be older than the one that npm brings along.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, isBuilt } from './lib/bundles.mjs';
import { runInOurPlace } from './lib/child.mjs';
import { install, isInstalled } from './lib/dependencies.mjs';
import { chooseHost, electronBinary, hasDisplay, hostCommand } from './lib/hosts.mjs';
import { nodeMissing, projectNode } from './lib/node24.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const help = `Starts Homeport; the first time it installs and builds it.

  npm start -- [options]

  --host=electron|browser  the application window, or this computer's browser
                           (default: Electron where its program and a display are)
  --data-dir <directory>   where everything is kept
  --port <number>          browser: listen on this port (default: a free one)
  --no-open                browser: print the address, open nothing
  --help                   this text
`;

class Failure extends Error {}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: 'string' },
        'data-dir': { type: 'string' },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.host !== undefined && values.host !== 'electron' && values.host !== 'browser') {
      throw new Error(`--host takes electron or browser, not ${JSON.stringify(values.host)}`);
    }
    return {
      host: values.host,
      // npm runs us in the project's directory; what was typed is relative to where it was typed.
      dataDir:
        values['data-dir'] === undefined
          ? undefined
          : path.resolve(process.env.INIT_CWD ?? process.cwd(), values['data-dir']),
      port: values.port,
      isOpening: !values['no-open'],
      isHelp: values.help,
    };
  } catch (error) {
    throw new Failure(`${error.message}\n\n${help}`);
  }
}

function prepare() {
  if (!isInstalled(root)) {
    console.log('Installing what Homeport needs (npm ci)…');
    const failure = install(root);
    if (failure) throw new Failure(failure);
  }
  const node = projectNode(root);
  if (!node) throw new Failure(nodeMissing);
  if (!isBuilt(root)) {
    console.log('Building Homeport…');
    const failure = build(root, node);
    if (failure) throw new Failure(failure);
  }
  return node;
}

function childEnvironment() {
  const env = { ...process.env };
  // Would make Electron's program behave as Node.
  delete env.ELECTRON_RUN_AS_NODE;
  return env;
}

async function main() {
  const options = readOptions();
  if (options.isHelp) {
    console.log(help);
    return 0;
  }
  const node = prepare();
  const binary = electronBinary(root);
  const { host, reason } = chooseHost({ wanted: options.host, binary, isDisplayed: hasDisplay() });
  if (!host) throw new Failure(reason);
  console.log(
    host === 'electron' ? `Starting in Electron: ${reason}.` : `Starting in the browser: ${reason}.`,
  );
  const command = hostCommand({ host, root, node, binary, options, isRoot: process.getuid?.() === 0 });
  return runInOurPlace(command, { cwd: root, env: childEnvironment() });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
