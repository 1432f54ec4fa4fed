import { eq } from 'drizzle-orm';
import type { z } from 'zod';
import { isoNow, type CoreContext } from '../context.ts';
import { appSettings } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

/** A setting of the application, or the fallback when it is not set or no longer valid. */
export function readSetting<T>(
  context: Pick<CoreContext, 'database'>,
  key: string,
  schema: z.ZodType<T>,
  fallback: T,
): T {
  const row = context.database.db.select().from(appSettings).where(eq(appSettings.key, key)).get();
  if (!row) return fallback;
  const parsed = schema.safeParse(JSON.parse(row.valueJson));
  return parsed.success ? parsed.data : fallback;
}

export function writeSetting(context: Ctx, key: string, value: unknown): void {
  const valueJson = JSON.stringify(value);
  const updatedAt = isoNow(context);
  context.database.db
    .insert(appSettings)
    .values({ key, valueJson, updatedAt, updatedBy: 'user' })
    .onConflictDoUpdate({ target: appSettings.key, set: { valueJson, updatedAt, updatedBy: 'user' } })
    .run();
}
