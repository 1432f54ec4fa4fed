import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fleetOf } from '../testbed/fleet.ts';
import { createTestbed, removeTestbed } from '../testbed/index.ts';
import { passphrase } from './core-session.ts';
import { makeKnownFleet } from './known-fleet.ts';

/** The program behind `npm run demo`: hosts, a data directory that knows them, then the browser host on it. */

const root = resolve(import.meta.dirname, '../..');
const bedName = 'demo';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '5' },
    port: { type: 'string' },
    'no-open': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

// A Ctrl-C reaches every process of the terminal: the browser host ends by it, we end after it.
let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => (isStopped = true));

async function serve(dataDir: string): Promise<number> {
  const args = [join(root, 'out/main/gateway.js'), `--data-dir=${dataDir}`];
  if (values.port !== undefined) args.push(`--port=${values.port}`);
  if (values['no-open']) args.push('--no-open');
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function main(): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-demo-'));
  const { keep } = values;
  try {
    console.warn(`Starting ${values.hosts} Debian hosts (the first time takes a minute)…`);
    const bed = await createTestbed({ name: bedName, hosts: fleetOf(Number(values.hosts), 'light') });
    if (isStopped) return 130;
    console.warn('Adding and refreshing them…');
    await makeKnownFleet(bed, dataDir);
    if (isStopped) return 130;
    console.warn(`The passphrase of the vault is: ${passphrase}`);
    console.warn('Ctrl-C ends Homeport' + (keep ? '.' : ' and removes the hosts.'));
    return await serve(dataDir);
  } finally {
    if (keep) {
      console.warn(`The hosts stay until: npm run testbed -- down --name ${bedName}`);
      console.warn(`Homeport on them again: npm start -- --data-dir ${dataDir}`);
    } else {
      console.warn('Removing the hosts…');
      await removeTestbed(bedName);
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
}

process.exitCode = await main();
