import type { FleetRow } from '../shared/contract/models.ts';
import type { HomeportClient } from '../shared/contract/index.ts';
import type { Arguments } from './arguments.ts';
import { needsPerson, usage } from './exit.ts';
import type { Session } from './session.ts';
import { askPassphrase, isInteractive, readPassphrase } from './terminal.ts';
import { t } from './words/index.ts';

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * The machines that names (or ids), tags and `--all` choose, in the order of the names.
 * @throws Exit usage for a name or tag that is not there
 */
export function choose(
  rows: readonly FleetRow[],
  names: readonly string[],
  args: Pick<Arguments, 'list' | 'flag'>,
): FleetRow[] {
  const tags = args.list('tag');
  if (args.flag('all')) {
    if (names.length + tags.length > 0) throw usage(t('cli.machines.allAlone'));
    return sorted(rows);
  }
  const chosen = new Set<FleetRow>();
  for (const name of names) {
    const found = rows.filter((row) => row.id === name || same(row.name, name));
    if (found.length === 0) throw usage(t('cli.machines.notThere', { name: JSON.stringify(name) }));
    if (found.length > 1) {
      throw usage(t('cli.machines.several', { name: JSON.stringify(name), count: found.length }));
    }
    for (const row of found) chosen.add(row);
  }
  for (const tag of tags) {
    const found = rows.filter((row) => row.tags.some((one) => same(one.name, tag)));
    if (found.length === 0) throw usage(t('cli.machines.noTag', { tag: JSON.stringify(tag) }));
    for (const row of found) chosen.add(row);
  }
  return sorted([...chosen]);
}

const sorted = (rows: readonly FleetRow[]): FleetRow[] =>
  [...rows].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));

/** As `choose`, and at least one. @throws Exit usage */
export async function chosenMachines(
  client: HomeportClient,
  names: readonly string[],
  args: Pick<Arguments, 'list' | 'flag'>,
): Promise<FleetRow[]> {
  const { rows } = await client['fleet.snapshot']({});
  const chosen = choose(rows, names, args);
  if (chosen.length === 0) throw usage(t('cli.machines.which'));
  return chosen;
}

/**
 * Opens the vault where these machines need it: by the passphrase on standard input, or by asking at the terminal.
 * @throws Exit person where it stays locked @throws AppError vault_passphrase_wrong
 */
export async function openVault(
  { client, isAlone }: Session,
  machineIds: readonly string[],
  passphraseStdin: boolean,
): Promise<void> {
  const { state } = await client['vault.status']({});
  if (state !== 'locked') return;
  if (passphraseStdin) {
    await client['vault.unlock']({ passphrase: await readPassphrase() });
    return;
  }
  const { queue } = await client['queue.get']({});
  if (!queue.vaultMachineIds.some((id) => machineIds.includes(id))) return;
  if (!isInteractive()) {
    throw needsPerson(t(isAlone ? 'cli.vault.lockedAlone' : 'cli.vault.locked'));
  }
  await client['vault.unlock']({ passphrase: await askPassphrase(t('cli.vault.prompt')) });
}
