import { sql } from 'drizzle-orm';
import { check, integer, text, type CheckBuilder, type SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { getTableName } from 'drizzle-orm';

/** Text UUID v7: sorts by time of creation. */
export const id = () => text('id').primaryKey();
/** ISO 8601 UTC text. */
export const createdAt = () => text('created_at').notNull();
export const updatedAt = () => text('updated_at').notNull();
/** A boolean kept as 0 or 1. Without `.default()` or `.notNull()`, null means unknown. */
export const flag = (name: string) => integer(name, { mode: 'boolean' });

const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;

/**
 * CHECK constraints of a table, read from its columns: an enumeration takes only its values, a boolean only 0 and 1
 * (null passes where the column allows it). Columns are named without their table, so that the same text stays
 * valid when a later migration rebuilds the table under another name.
 */
export function checksOf(columns: Record<string, SQLiteColumn>): CheckBuilder[] {
  return Object.values(columns).flatMap((column) => {
    const values = column.enumValues?.length
      ? column.enumValues.map(quoted)
      : column.columnType === 'SQLiteBoolean'
        ? ['0', '1']
        : [];
    if (values.length === 0) return [];
    const name = `${getTableName(column.table)}_${column.name}_check`;
    return [check(name, sql.raw(`"${column.name}" in (${values.join(', ')})`))];
  });
}
