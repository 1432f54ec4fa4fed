import BetterSqlite3 from 'better-sqlite3';
import { preferences, type Preferences } from '../../shared/contract/models.ts';

/**
 * The language that the application is set to, read beside whoever has the database; null where it cannot be read (no
 * data yet, a damaged or foreign file). Before anything is opened: so that even the failure to open is told in it.
 */
export function storedLanguage(file: string): Preferences['language'] | null {
  let database: BetterSqlite3.Database | undefined;
  try {
    database = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: 200 });
    const value = database
      .prepare(
        "select json_extract(value_json, '$.language') from user_preferences where user_id = 'local' and key = 'interface'",
      )
      .pluck()
      .get();
    return preferences.shape.language.safeParse(value).data ?? null;
  } catch {
    // Whatever is wrong with the file, who opens it says so.
    return null;
  } finally {
    database?.close();
  }
}
