import { AppError } from '../shared/domain/errors.ts';
import { errorWords } from '../shared/words/error-words.ts';
import { currentLanguage } from './language.ts';
import { say } from './words/index.ts';

/** What a person at a terminal can do about a start that failed; null when only the log helps. */
export function startAdvice(error: unknown, options: { dataDir: string; port: number }): string | null {
  const { dataDir, port } = options;
  if (error instanceof AppError) {
    switch (error.code) {
      case 'database_busy':
        return say('advice.busy', { dataDir });
      case 'database_newer':
        return say('advice.newer', { dataDir });
      case 'database_corrupt':
        return say('advice.corrupt', { dataDir, detail: error.message });
      case 'local_disk_full':
        return say('advice.full', { dataDir });
      case 'internal':
        return error.message;
      default: {
        const { title, remedy } = errorWords(currentLanguage(), error.code, error.data);
        return `${title}. ${remedy} (${error.message})`;
      }
    }
  }
  const isListening = (error as NodeJS.ErrnoException | null)?.syscall === 'listen';
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'EADDRINUSE':
      return say('advice.portInUse', { port: String(port) });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return isListening
        ? say('advice.portDenied', { port: String(port) })
        : say('advice.notWritable', { dataDir });
    case 'ENOENT':
      return (error as NodeJS.ErrnoException).syscall === 'mkdir'
        ? say('advice.cannotMake', { dataDir })
        : null;
    case 'ENOTDIR':
    case 'EEXIST':
      return say('advice.noDirectory', { dataDir });
    case 'ENOSPC':
      return say('advice.full', { dataDir });
    default:
      return null;
  }
}
