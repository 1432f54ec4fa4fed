import { parseArgs } from 'node:util';
import { bedNames, readRecord } from './bed-folder.ts';
import type { BedRecord } from './bed-folder.ts';
import { fleetOf } from './fleet.ts';
import { createTestbed, removeTestbed, unavailableReason } from './index.ts';

const usage = `Real Debian hosts on this machine (needs root on Linux).

  npm run testbed -- up COUNT [--name NAME] [--kind light|systemd] [--json]
  npm run testbed -- down [--name NAME | --all]
  npm run testbed -- list [--json]

Without --name the testbed is called "default". "up" replaces a testbed of the same name.`;

function printBed(bed: BedRecord): void {
  console.log(`Testbed ${bed.name}, made ${bed.createdAt}`);
  const rows = [
    ['NAME', 'ADDRESS', 'USER', 'PASSWORD', 'SUDO', 'ROOT PASSWORD', 'KIND'],
    ...bed.hosts.map((host) => [
      ...[host.name, host.address, host.user, host.password],
      ...[host.sudo, host.rootPassword, host.kind],
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  console.log(`Private key for all: /run/homeport-testbed/${bed.name}/id`);
}

async function up(count: number, name: string, kind: string, json: boolean): Promise<void> {
  if (!Number.isInteger(count) || count < 1) throw new Error('up needs a number of hosts, e.g. "up 5"');
  if (kind !== 'light' && kind !== 'systemd') throw new Error('--kind is light or systemd');
  await createTestbed({ name, hosts: fleetOf(count, kind) });
  const bed = await readRecord(name);
  if (bed === null) throw new Error('the testbed is gone already');
  if (json) console.log(JSON.stringify(bed, null, 2));
  else printBed(bed);
}

async function list(json: boolean): Promise<void> {
  const names = await bedNames();
  const beds = await Promise.all(names.map(async (name) => ({ name, bed: await readRecord(name) })));
  if (json) {
    console.log(
      JSON.stringify(
        beds.flatMap(({ bed }) => (bed === null ? [] : [bed])),
        null,
        2,
      ),
    );
    return;
  }
  if (beds.length === 0) console.log('No testbed.');
  for (const { name, bed } of beds) {
    if (bed === null) console.log(`Testbed ${name}: incomplete; remove it with "down --name ${name}"`);
    else printBed(bed);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'default' },
      kind: { type: 'string', default: 'light' },
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [verb, count] = positionals;
  if (values.help || verb === undefined) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const reason = unavailableReason();
  if (reason !== null) {
    console.error(reason);
    return 3;
  }
  switch (verb) {
    case 'up':
      await up(Number(count), values.name, values.kind, values.json);
      return 0;
    case 'down':
      for (const name of values.all ? await bedNames() : [values.name]) await removeTestbed(name);
      return 0;
    case 'list':
      await list(values.json);
      return 0;
    default:
      console.error(`Unknown command "${verb}".\n\n${usage}`);
      return 2;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
