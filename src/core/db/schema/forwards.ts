import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { forwardKinds } from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

/** Ports that a person wants forwarded. What runs now is known to the process alone. */
export const portForwards = sqliteTable(
  'port_forwards',
  {
    id: id(),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: forwardKinds }).notNull(),
    /** Where it listens: here for `local`, on the machine for `remote`. */
    bindAddress: text('bind_address').notNull().default('127.0.0.1'),
    bindPort: integer('bind_port').notNull(),
    /** Where it leads: as the machine sees it for `local`, as this computer does for `remote`. */
    targetHost: text('target_host').notNull(),
    targetPort: integer('target_port').notNull(),
    label: text('label').notNull().default(''),
    startsWithApp: flag('starts_with_app').notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index('port_forwards_machine_id').on(t.machineId), ...checksOf(t)],
);
