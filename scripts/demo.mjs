// `npm run demo`: Homeport on real Debian hosts that it already knows, in one command. Plain JavaScript, because the Node
// that runs it may be older than the one that npm brings along.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, isBuilt } from './lib/bundles.mjs';
import { runInOurPlace } from './lib/child.mjs';
import { install, isInstalled } from './lib/dependencies.mjs';
import { nodeMissing, projectNode } from './lib/node24.mjs';
import { hostsUnavailable, installPackages } from './system-packages.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const help = `Homeport on real Debian hosts, made on this computer for the occasion. Needs root on Linux.

  npm run demo -- [options]

  --hosts <number>  so many machines (default: 5)
  --port <number>   listen on this port (default: a free one)
  --no-open         print the address, open nothing
  --keep            leave machines and data when Homeport ends (Ctrl-C)
  --help            this text
`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        hosts: { type: 'string', default: '5' },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const hosts = Number(values.hosts);
    if (!Number.isInteger(hosts) || hosts < 1 || hosts > 200) {
      throw new Error(`--hosts takes a number from 1 to 200, not ${JSON.stringify(values.hosts)}`);
    }
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}

/** @returns {string | { node: string }} what is missing, as a sentence, or the Node to use */
function prepare() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return (
      'The demo makes real Debian hosts on this computer (namespaces, overlay file systems), so it needs root on Linux: ' +
      'sudo npm run demo. Homeport itself does not: npm start.'
    );
  }
  if (!isInstalled(root)) {
    console.log('Installing what Homeport needs (npm ci)…');
    const failure = install(root);
    if (failure) return failure;
  }
  const node = projectNode(root);
  if (!node) return nodeMissing;
  const missing = installPackages({ isBrowserNeeded: false }) ?? hostsUnavailable();
  if (missing) return missing;
  if (!isBuilt(root)) {
    console.log('Building Homeport…');
    const failure = build(root, node);
    if (failure) return failure;
  }
  return { node };
}

const options = readOptions();
if (options.help) console.log(help);
else {
  const ready = prepare();
  if (typeof ready === 'string') {
    console.error(ready);
    process.exitCode = 1;
  } else {
    const args = ['e2e/support/demo.ts', `--hosts=${options.hosts}`];
    if (options.port !== undefined) args.push(`--port=${options.port}`);
    if (options['no-open']) args.push('--no-open');
    if (options.keep) args.push('--keep');
    process.exitCode = await runInOurPlace({ file: ready.node, args }, { cwd: root, env: process.env });
  }
}
