import type { UpdateGroup } from '../../../shared/contract/models.ts';

export type UpdateRow =
  | { kind: 'group'; key: string; group: UpdateGroup; open: boolean }
  | { kind: 'machine'; key: string; machine: UpdateGroup['machines'][number] }
  /** Under the names: what can be done, and how many machines are not named. */
  | { kind: 'foot'; key: string; group: UpdateGroup; unnamed: number };

/** The lines of the list: each group, and under an open one its machines. */
export function updateRows(groups: readonly UpdateGroup[], isOpen: (key: string) => boolean): UpdateRow[] {
  return groups.flatMap((group): UpdateRow[] => {
    const open = isOpen(group.key);
    const row: UpdateRow = { kind: 'group', key: group.key, group, open };
    if (!open) return [row];
    return [
      row,
      ...group.machines.map((machine): UpdateRow => ({
        kind: 'machine',
        key: `${group.key} ${machine.id}`,
        machine,
      })),
      {
        kind: 'foot',
        key: `${group.key} foot`,
        group,
        unnamed: Math.max(0, group.count - group.machines.length),
      },
    ];
  });
}
