import type { FleetRow } from '../../shared/contract/models.ts';
import type { Arguments } from '../arguments.ts';
import { exitCodes, type ExitCode } from '../exit.ts';
import { choose } from '../machines.ts';
import { table, type Output } from '../output.ts';
import type { Session } from '../session.ts';

const count = (value: number | null): string => (value === null ? '?' : String(value));

const rowData = (row: FleetRow) => ({
  id: row.id,
  name: row.name,
  address: `${row.username}@${row.hostname}:${row.port}`,
  status: row.status,
  tags: row.tags.map(({ name }) => name),
  os: { family: row.osFamily, version: row.osVersion, codename: row.osCodename },
  updates: row.state.updatesCount,
  security: row.state.securityCount,
  rebootRequired: row.state.rebootRequired,
  analyzedAt: row.state.analyzedAt,
  running: row.state.runningAction,
  lastError: row.state.lastError && { kind: row.state.lastError.kind, message: row.state.lastError.message },
});

export async function list({ client }: Session, args: Arguments, output: Output): Promise<ExitCode> {
  const { rows } = await client['fleet.snapshot']({});
  const isNarrowed = args.positionals.length + args.list('tag').length > 0;
  const shown = choose(rows, args.positionals, isNarrowed ? args : { list: () => [], flag: () => true });
  output.data({ machines: shown.map(rowData) }, () =>
    shown.length === 0
      ? 'No machines.'
      : table(
          ['MACHINE', 'ADDRESS', 'STATUS', 'UPDATES', 'SECURITY', 'REBOOT', 'ANALYSED', 'TAGS'],
          shown.map((row) => [
            row.name,
            `${row.username}@${row.hostname}:${row.port}`,
            row.state.runningAction ?? row.state.lastError?.kind ?? row.status,
            count(row.state.updatesCount),
            count(row.state.securityCount),
            row.state.rebootRequired === null ? '?' : row.state.rebootRequired ? 'yes' : 'no',
            row.state.analyzedAt ?? 'never',
            row.tags.map(({ name }) => name).join(','),
          ]),
        ),
  );
  return exitCodes.ok;
}
