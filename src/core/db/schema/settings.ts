import { sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { tileModes, vaultWrapKinds } from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

export const appSettings = sqliteTable('app_settings', {
  key: text('key').primaryKey(),
  valueJson: text('value_json').notNull(),
  updatedAt: updatedAt(),
  updatedBy: text('updated_by'),
});

export const userPreferences = sqliteTable(
  'user_preferences',
  {
    id: id(),
    /** Null would defeat the unique index, so the only user of a desktop has a name. */
    userId: text('user_id').notNull().default('local'),
    key: text('key').notNull(),
    valueJson: text('value_json').notNull(),
    updatedAt: updatedAt(),
  },
  (t) => [uniqueIndex('user_preferences_user_id_key').on(t.userId, t.key)],
);

export const machineUiState = sqliteTable(
  'machine_ui_state',
  {
    machineId: text('machine_id')
      .primaryKey()
      .references(() => machines.id, { onDelete: 'cascade' }),
    sectionsOpenJson: text('sections_open_json'),
    tileMode: text('tile_mode', { enum: tileModes }),
    lastActiveTab: text('last_active_tab'),
    updatedAt: updatedAt(),
  },
  (t) => [...checksOf(t)],
);

/** Facts about this database itself, such as when it was made; not settings. */
export const appMeta = sqliteTable('app_meta', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
});

/** The vault's data key, wrapped once for each way to open the vault; never the key itself. */
export const vaultWraps = sqliteTable(
  'vault_wraps',
  {
    id: id(),
    kind: text('kind', { enum: vaultWrapKinds }).notNull(),
    wrappedKey: text('wrapped_key').notNull(),
    /** What unwrapping needs beside the secret: the scrypt salt and costs, or a reference. */
    paramsJson: text('params_json').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [uniqueIndex('vault_wraps_kind').on(t.kind), ...checksOf(t)],
);
