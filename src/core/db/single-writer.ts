import BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../../shared/domain/errors.ts';

/**
 * Claims a database for this process until the returned function is called or the process ends, however it ends: the
 * claim is an exclusive SQLite transaction on a file beside the database, so the operating system itself lets go of it.
 * Reading the database with another program stays possible.
 * @throws AppError database_busy
 */
export function claimWriter(file: string): () => void {
  const claim = new BetterSqlite3(`${file}.lock`, { timeout: 0 });
  try {
    claim.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    claim.close();
    if (error instanceof BetterSqlite3.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw new AppError('database_busy', `Another Homeport is using ${file}`, { file }, { cause: error });
    throw error;
  }
  return () => claim.close();
}
