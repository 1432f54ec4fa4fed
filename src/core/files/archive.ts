import { randomUUID } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import { quote } from '../../shared/domain/shell-word.ts';
import type { CoreContext } from '../context.ts';
import type { ExecResult, SshPool } from '../ssh/types.ts';
import { outgoing } from './outgoing.ts';
import { downloadName, nameOf, parentOf } from './paths.ts';
import { recordFileEvent } from './store.ts';
import type { Download } from './tickets.ts';
import type { Moving, Transfers } from './transfers.ts';

const reason = 'File transfer';
const lookMs = 60_000;
/** For the guess of how much it will be: a tree of some hundred thousand entries. */
const guessMs = 120_000;
const status = { noTar: 3, noRight: 4, commandNotFound: 127 } as const;
/** Entries that an error names. */
const mostNamed = 5;
const mostNameLength = 200;

/** The arguments that name a directory for tar, so that the archive holds it by its own name. */
const named = (directory: string): string =>
  `-C ${quote(parentOf(directory))} -- ${quote(nameOf(directory))}`;

/** @throws AppError tar_missing, file_permission; a file system's root is no archive */
async function refuseWithoutTar(
  pool: Pick<SshPool, 'exec'>,
  machineId: string,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const path = quote(directory);
  const script = `command -v tar >/dev/null || exit ${status.noTar}; [ -r ${path} ] && [ -x ${path} ] || exit ${status.noRight}`;
  const { exitCode } = await pool.exec(machineId, {
    script,
    reason,
    signal,
    timeoutMs: lookMs,
    amongFiles: true,
  });
  if (exitCode === status.noTar) throw new AppError('tar_missing', 'There is no tar', { path: directory });
  if (exitCode !== 0)
    throw new AppError('file_permission', 'The directory cannot be read', { path: directory });
}

/**
 * What GNU tar said of entries that it left out or that changed under it: it goes on without them and ends with 1 or 2
 * (its manual, "Return Codes"). Null: nothing is missing. @throws AppError when the archive itself is not whole
 */
export function missingFrom(
  directory: string,
  { exitCode, stderr }: Pick<ExecResult, 'exitCode' | 'stderr'>,
): AppError | null {
  if (exitCode === 0) return null;
  const said = Buffer.from(stderr).toString('utf8');
  const isWhole = (exitCode === 1 || exitCode === 2) && !said.includes('not recoverable');
  if (!isWhole) {
    const isMissing = exitCode === status.commandNotFound;
    const answer = said.trim().split('\n').at(-1) ?? '';
    throw new AppError(isMissing ? 'tar_missing' : 'file_failed', `tar ended with ${exitCode}`, {
      path: directory,
      answer: answer.slice(0, mostNameLength),
    });
  }
  const entries = [
    ...said.matchAll(/^tar: (.+?): (?:Cannot |Unable |Warning: |Read error|file |File )/gm),
  ].flatMap(([, name]) => name ?? []);
  const different = [...new Set(entries)];
  return new AppError('archive_incomplete', 'Some entries are missing', {
    path: directory,
    count: Math.max(1, different.length),
    entries: different.slice(0, mostNamed).map((name) => name.slice(0, mostNameLength)),
  });
}

/**
 * A directory as the machine's own tar makes an archive of it while it is read. What is cut is not gone on with: the next archive would
 * be another one. @throws AppError tar_missing, file_permission, invalid_input, ssh_*
 */
export async function archiveOf(
  context: CoreContext,
  pool: Pick<SshPool, 'exec'>,
  transfers: Transfers,
  place: { readonly machineId: string; readonly machineName: string; readonly directory: string },
  name: string,
  signal: AbortSignal,
): Promise<Download> {
  const { machineId, machineName, directory } = place;
  if (nameOf(directory) === '')
    throw new AppError('invalid_input', 'The root directory is no archive', { field: 'path' });
  await refuseWithoutTar(pool, machineId, directory, signal);

  /** tar reads no content when it writes to /dev/null, and says how much it would have been. */
  const guess = async (moving: Moving, until: AbortSignal): Promise<void> => {
    const { stderr } = await pool.exec(machineId, {
      script: `tar -cf /dev/null --totals ${named(directory)}`,
      reason,
      signal: until,
      timeoutMs: guessMs,
      amongFiles: true,
    });
    const total = /^Total bytes written: (\d+)/m.exec(Buffer.from(stderr).toString('utf8'))?.[1];
    if (total !== undefined) transfers.sized(moving, Number(total));
  };

  async function* read(outer: AbortSignal): AsyncGenerator<Uint8Array> {
    const moving = transfers.add({
      id: randomUUID(),
      machineId,
      machineName,
      direction: 'download',
      path: directory,
      sizeBytes: null,
    });
    let missing: AppError | null = null;
    yield* outgoing(
      transfers,
      moving,
      outer,
      async (give, inner) => {
        transfers.change(moving, 'running');
        const over = new AbortController();
        const guessing = guess(moving, AbortSignal.any([inner, over.signal])).catch((error: unknown) => {
          // Without it there is no percentage; what is wrong with the machine is told by the archive itself.
          if (!over.signal.aborted && !inner.aborted)
            context.log.info('The size of an archive is not known', { machineId, error });
        });
        try {
          const result = await pool.exec(machineId, {
            script: `tar -cf - ${named(directory)}`,
            reason,
            signal: inner,
            timeoutMs: Infinity,
            amongFiles: true,
            onStdout: give,
          });
          missing = missingFrom(directory, result);
        } finally {
          over.abort();
          await guessing;
        }
      },
      () => {
        transfers.sized(moving, moving.doneBytes);
        transfers.change(moving, 'done', missing ?? undefined);
        recordFileEvent(context, machineId, 'file.downloaded', {
          paths: [directory],
          sizeBytes: moving.doneBytes,
        });
      },
    );
  }

  return {
    fileName: `${downloadName(name)}.tar`,
    sizeBytes: null,
    etag: null,
    read: (_offset, outer) => read(outer),
  };
}
