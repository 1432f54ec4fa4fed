import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { machineKinds } from '../../../shared/domain/unions.ts';
import { checksOf, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

/** What a person says about a machine, beside what the host says of itself. No row: nothing was said. */
export const machineDescriptions = sqliteTable(
  'machine_descriptions',
  {
    machineId: text('machine_id')
      .primaryKey()
      .references(() => machines.id, { onDelete: 'cascade' }),
    groupName: text('group_name'),
    notes: text('notes'),
    /** Stands over `machines.machine_kind`, which each analysis writes anew. */
    chosenKind: text('chosen_kind', { enum: machineKinds }),
    updatedAt: updatedAt(),
  },
  (t) => [index('machine_descriptions_group_name').on(t.groupName), ...checksOf(t)],
);
