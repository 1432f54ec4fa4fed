import BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../../shared/domain/errors.ts';

/**
 * The AppError of a failure inside SQLite, by its result code (https://sqlite.org/rescode.html); anything else comes
 * back unchanged.
 */
export function fromSqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error;
  const data = { file, detail: error.message };
  const options = { cause: error };
  if (error.code.startsWith('SQLITE_CORRUPT') || error.code === 'SQLITE_NOTADB')
    return new AppError('database_corrupt', `The database ${file} is damaged`, data, options);
  if (error.code.startsWith('SQLITE_BUSY'))
    return new AppError('database_busy', `Another program is using ${file}`, data, options);
  if (error.code === 'SQLITE_FULL')
    return new AppError('local_disk_full', `No space left to write ${file}`, data, options);
  return error;
}
