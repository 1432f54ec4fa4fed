import type { FleetRow } from '../../shared/contract/models.ts';
import type { Arguments } from '../arguments.ts';
import { exitCodes, type ExitCode } from '../exit.ts';
import { choose } from '../machines.ts';
import { table, type Output } from '../output.ts';
import type { Session } from '../session.ts';
import { failureText, t } from '../words/index.ts';

const count = (value: number | null): string => (value === null ? '?' : String(value));

function statusText({ name, status, state: { runningAction, lastError } }: FleetRow): string {
  if (runningAction !== null) return runningAction;
  return lastError ? failureText(lastError, name) : t(`cli.machine.${status}`);
}

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
      ? t('cli.machines.none')
      : table(
          [
            t('cli.head.machine'),
            t('cli.head.address'),
            t('cli.head.status'),
            t('cli.head.updates'),
            t('cli.head.security'),
            t('cli.head.reboot'),
            t('cli.head.analysed'),
            t('cli.head.tags'),
          ],
          shown.map((row) => [
            row.name,
            `${row.username}@${row.hostname}:${row.port}`,
            statusText(row),
            count(row.state.updatesCount),
            count(row.state.securityCount),
            row.state.rebootRequired === null ? '?' : t(row.state.rebootRequired ? 'cli.yes' : 'cli.no'),
            row.state.analyzedAt ?? t('cli.never'),
            row.tags.map(({ name }) => name).join(','),
          ]),
        ),
  );
  return exitCodes.ok;
}
