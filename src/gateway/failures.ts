import { AppError } from '../shared/domain/errors.ts';

/** What a person at a terminal can do about a start that failed; null when only the log helps. */
export function startAdvice(error: unknown, options: { dataDir: string; port: number }): string | null {
  const { dataDir, port } = options;
  if (error instanceof AppError) {
    switch (error.code) {
      case 'database_busy':
        return `Another Homeport is using ${dataDir}. Close it, or give this one a directory of its own: --data-dir <directory>.`;
      case 'database_newer':
        return `${dataDir} was last used by a newer Homeport. Start that version, or use another --data-dir.`;
      case 'database_corrupt':
        return `The database in ${dataDir} is damaged. Copies of it are in ${dataDir}/backups. ${error.message}`;
      case 'local_disk_full':
        return `The disk that holds ${dataDir} is full. Make room and start again.`;
      default:
        return error.message;
    }
  }
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use by another program. Choose another one with --port, or leave it out for a free one.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return (error as NodeJS.ErrnoException).syscall === 'listen'
        ? `This user may not listen on port ${port}. Choose one above 1023, or leave --port out.`
        : `This user cannot write to ${dataDir}. Correct its owner and mode, or choose another one with --data-dir.`;
    case 'ENOENT':
      return (error as NodeJS.ErrnoException).syscall === 'mkdir'
        ? `${dataDir} cannot be made. Choose another one with --data-dir.`
        : null;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${dataDir} is not a directory. Choose another one with --data-dir.`;
    case 'ENOSPC':
      return `The disk that holds ${dataDir} is full. Make room and start again.`;
    default:
      return null;
  }
}
