import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { isKnownMachine, machineById } from '../machines/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { changedIds } from '../watch.ts';
import { explain, isTaken, listDirectory, removeAll, survey } from './browse.ts';
import { createDownloads } from './downloads.ts';
import { joinPath, nameOf, parentOf } from './paths.ts';
import { createFileSessions } from './sessions.ts';
import { recordFileEvent } from './store.ts';
import type { Download } from './tickets.ts';
import { readText, writeText } from './text.ts';
import { createTransfers, isOver } from './transfers.ts';
import { createUnfinishedFiles } from './unfinished.ts';
import { createUploads } from './upload.ts';

const GAP_MS = 250;
/** Where both hosts serve what `files.download` offers. */
export const downloadPath = '/download/';

type Names = Extract<keyof HomeportHandlers, `files.${string}`>;

export interface Files {
  readonly handlers: Pick<HomeportHandlers, Names>;
  /** What an address of `files.download` stands for; null when it never did or no longer does. */
  findDownload(ticket: string): Download | null;
  close(): void;
}

/** Files of machines over SFTP, as the login and never as root. */
export function createFiles(context: CoreContext, pool: Pick<SshPool, 'sftp' | 'exec'>): Files {
  const transfers = createTransfers(context);
  const nameOfMachine = (machineId: string): string => machineById(context, machineId).name;
  const unfinished = createUnfinishedFiles(context);
  const uploads = createUploads(context, pool, {
    transfers,
    unfinished,
    nameOfMachine,
    isKnown: (machineId) => isKnownMachine(context, machineId),
  });
  const sessions = createFileSessions(pool, (machineId, session) => {
    uploads.lookAfter(machineId, session).catch((error: unknown) => {
      context.log.error('What uploads left on a machine was not looked after', { machineId, error });
    });
  });
  const downloads = createDownloads(context, pool, transfers, nameOfMachine);

  /** A root of everything is never what was meant. */
  const refuseRoot = (paths: readonly string[]): void => {
    if (paths.some((path) => /^\/+$/.test(path)))
      throw new AppError('invalid_input', 'The root directory stays', { field: 'paths' });
  };

  const handlers: Files['handlers'] = {
    'files.list': async function* ({ machineId, path }, { signal }) {
      const { session, release } = await sessions.take(machineId, signal);
      try {
        yield* listDirectory(session, path);
      } finally {
        release();
      }
    },
    'files.survey': ({ machineId, paths }, { signal }) =>
      sessions.use(machineId, signal, (session) => survey(session, paths, signal)),
    'files.makeDirectory': ({ machineId, directory, name, mayExist }, { signal }) =>
      sessions.use(machineId, signal, async (session) => {
        const path = joinPath(directory, name);
        if (await isTaken(session, path)) {
          const isThere = mayExist && (await session.stat(path)).kind === 'directory';
          if (isThere) return { path };
          throw new AppError('file_exists', 'Something of that name is there', { path });
        }
        await session.mkdir(path).catch((error: unknown) => explain(session, directory, error));
        recordFileEvent(context, machineId, 'file.directory_made', { paths: [path] });
        return { path };
      }),
    'files.rename': ({ machineId, path, directory, name }, { signal }) =>
      sessions.use(machineId, signal, async (session) => {
        refuseRoot([path]);
        const to = joinPath(directory ?? parentOf(path), name);
        if (to === path) return { path };
        if (await isTaken(session, to))
          throw new AppError('file_exists', 'Something of that name is there', { path: to });
        await session.rename(path, to).catch((error: unknown) => explain(session, parentOf(to), error));
        recordFileEvent(context, machineId, 'file.renamed', { paths: [path], to });
        return { path: to };
      }),
    'files.remove': ({ machineId, paths }, { signal }) =>
      sessions.use(machineId, signal, async (session) => {
        refuseRoot(paths);
        // Written first: what was removed before a failure is gone as well.
        recordFileEvent(context, machineId, 'file.removed', { paths });
        const [first = '/'] = paths;
        const removed = await removeAll(session, paths, signal).catch((error: unknown) =>
          explain(session, parentOf(first), error),
        );
        return { removed };
      }),
    'files.setMode': ({ machineId, paths, mode }, { signal }) =>
      sessions.use(machineId, signal, async (session) => {
        for (const path of paths) await session.chmod(path, mode);
        recordFileEvent(context, machineId, 'file.mode_changed', { paths, mode: mode.toString(8) });
        return {};
      }),
    'files.readText': ({ machineId, path }, { signal }) =>
      sessions.use(machineId, signal, (session) => readText(session, path)),
    'files.writeText': ({ machineId, path, text, expected }, { signal }) =>
      sessions.use(machineId, signal, async (session) => {
        const version = await writeText(session, path, text, expected, { files: unfinished, machineId });
        recordFileEvent(context, machineId, 'file.edited', { paths: [path], sizeBytes: version.sizeBytes });
        return { version };
      }),

    'files.upload': async function* (input, { signal }, upstream) {
      if ('resumeAt' in input) await uploads.resume(input.id, input.resumeAt, upstream, signal);
      else await uploads.begin(input, upstream, signal);
      // That it is whole is told by the end; nothing comes down.
      yield new Uint8Array(0);
    },
    'files.resumePoint': ({ id, ...file }, { signal }) => uploads.resumePoint(id, file, signal),
    'files.download': async ({ machineId, path }, { signal }) => {
      const { ticket, fileName } = await downloads.offer(machineId, path, signal);
      return { href: `${downloadPath}${ticket}/${encodeURIComponent(fileName)}`, fileName };
    },
    'files.watchTransfers': async function* (_input, { signal }) {
      const changes = changedIds(context.bus, 'transfers.changed', () => ['all'], signal, GAP_MS);
      for await (const _ of changes) yield transfers.list();
    },
    'files.cancelTransfer': async ({ id }) => {
      const moving = transfers.find(id);
      if (!moving) throw new AppError('not_found', 'There is no such transfer', { id });
      if (isOver(moving.state)) return {};
      const wasBroken = moving.state === 'broken';
      moving.abort.abort(
        new AppError('cancelled', 'The transfer was stopped', { path: nameOf(moving.path) }),
      );
      if (wasBroken) {
        transfers.change(moving, 'cancelled');
        await uploads.discard(id);
      }
      return {};
    },
    'files.clearTransfers': () => {
      transfers.clear();
      return {};
    },
  };

  return {
    handlers,
    findDownload: (ticket) => downloads.find(ticket),
    close() {
      transfers.close();
      sessions.close();
    },
  };
}
