import type { NamedMachine, UpdateGroup } from '../../../shared/contract/models.ts';
import type { AppError } from '../../../shared/domain/errors.ts';

/** The machines of an open group as far as they were read. */
export interface NamedMachines {
  readonly machines: readonly NamedMachine[] | null;
  readonly error: AppError | null;
}

export type UpdateRow =
  | { kind: 'group'; key: string; group: UpdateGroup; open: boolean }
  | { kind: 'machine'; key: string; machine: NamedMachine }
  /** While the names are read, or where they could not be. */
  | { kind: 'reading'; key: string; group: UpdateGroup; error: AppError | null }
  /** Under the names: what can be done, and how many machines are not named. */
  | { kind: 'foot'; key: string; machines: readonly NamedMachine[]; unnamed: number };

/** The lines of the list: each group, and under an open one its machines. `namesOf` is undefined for a closed one. */
export function updateRows(
  groups: readonly UpdateGroup[],
  namesOf: (key: string) => NamedMachines | undefined,
): UpdateRow[] {
  return groups.flatMap((group): UpdateRow[] => {
    const names = namesOf(group.key);
    const row: UpdateRow = { kind: 'group', key: group.key, group, open: names !== undefined };
    if (!names) return [row];
    const { machines, error } = names;
    if (machines === null) return [row, { kind: 'reading', key: `${group.key} reading`, group, error }];
    return [
      row,
      ...machines.map((machine): UpdateRow => ({
        kind: 'machine',
        key: `${group.key} ${machine.id}`,
        machine,
      })),
      {
        kind: 'foot',
        key: `${group.key} foot`,
        machines,
        unnamed: Math.max(0, group.count - machines.length),
      },
    ];
  });
}
