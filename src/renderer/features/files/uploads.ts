import type { NameConflict, Transfer } from '../../../shared/contract/files.ts';
import { AppError, toAppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';
import { errorRemedy, errorTitle, t } from '../../lib/i18n/index.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import type { Dropped, DroppedFile } from './dropped.ts';
import { joinPath } from './names.ts';

/** What is read of a file at a time. */
const pieceBytes = 256 * 1024;
/** Files given to the core at a time; it has an order of its own, a machine. */
const atOnce = 4;

/** Files of this window that are on their way, or could go on. */
const sources = new Map<string, File>();
export const hasSource = (id: string): boolean => sources.has(id);

type Start = Parameters<(typeof api)['files.upload']>[0];

/** Sends a file from `offset` on, as fast as it is taken, and waits until it is whole. */
async function send(start: Start, file: File, offset: number): Promise<void> {
  const stream = api['files.upload'](start);
  const ended = (async () => {
    for await (const _ of stream);
  })();
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  try {
    for (let at = offset; at < file.size && !isOver; at += pieceBytes) {
      const piece = new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer());
      stream.write(piece);
      await stream.drained();
    }
  } catch (error) {
    // The file went away under the browser.
    stream.close();
    throw new AppError(
      'file_changed',
      'The file cannot be read any more',
      { path: file.name },
      { cause: error },
    );
  }
  stream.end();
  await over;
}

async function sendNew(
  machineId: string,
  directory: string,
  file: File,
  conflict: NameConflict,
): Promise<AppError | null> {
  const id = crypto.randomUUID();
  sources.set(id, file);
  try {
    const start = {
      id,
      machineId,
      directory,
      name: file.name,
      sizeBytes: file.size,
      modifiedMs: file.lastModified,
      conflict,
    };
    await send(start, file, 0);
    sources.delete(id);
    return null;
  } catch (thrown) {
    const error = toAppError(thrown);
    // Only what the link broke can go on.
    if (!error.code.startsWith('ssh_') && error.code !== 'disconnected') sources.delete(id);
    return error;
  }
}

/** Makes the directories, then sends the files, some at once. Names that are taken are given back to be asked about. */
export async function upload(
  machine: { readonly id: string; readonly name: string },
  directory: string,
  dropped: Dropped,
  conflict: NameConflict,
): Promise<DroppedFile[]> {
  const taken: DroppedFile[] = [];
  const failed: AppError[] = [];
  let sent = 0;
  try {
    for (const names of directoriesOf(dropped)) {
      const parent = names.slice(0, -1).reduce(joinPath, directory);
      const name = names.at(-1) ?? '';
      await api['files.makeDirectory']({ machineId: machine.id, directory: parent, name, mayExist: true });
    }
  } catch (thrown) {
    tell(toAppError(thrown), machine.name);
    return [];
  }
  const queue = [...dropped.files];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const place = next.directories.reduce(joinPath, directory);
      const error = await sendNew(machine.id, place, next.file, conflict);
      if (error === null) sent += 1;
      else if (error.code === 'file_exists' && conflict === 'refuse') taken.push(next);
      else if (error.code !== 'cancelled' && error.code !== 'disconnected') failed.push(error);
      // Nothing that comes after would fare better.
      if (error && (error.code === 'disk_full' || error.code === 'read_only_filesystem')) queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (sent > 0) toasts.show({ tone: 'ok', text: () => t('files.sent', { count: sent, name: machine.name }) });
  if (dropped.unreadable > 0) {
    toasts.show({ tone: 'warning', text: () => t('files.unreadable', { count: dropped.unreadable }) });
  }
  const [first] = failed;
  if (first) tell(first, machine.name);
  return taken;
}

function tell(error: AppError, name: string): void {
  toasts.show({
    tone: 'danger',
    text: () => errorTitle(error.code, error.data, name),
    detail: () => errorRemedy(error.code, error.data, name),
  });
}

/** Every directory that is needed, those that lead to it first. */
function directoriesOf({ files, directories }: Dropped): string[][] {
  const all = new Map<string, string[]>();
  for (const names of [...files.map((one) => one.directories), ...directories]) {
    for (let depth = 1; depth <= names.length; depth += 1) {
      const some = names.slice(0, depth);
      all.set(some.join('/'), some);
    }
  }
  return [...all.values()].sort((a, b) => a.length - b.length);
}

/** Goes on with an upload that broke, with the same file. @throws AppError file_changed for another one */
export async function resume(transfer: Transfer, chosen?: File): Promise<void> {
  const file = chosen ?? sources.get(transfer.id);
  if (!file) throw new AppError('not_found', 'The file must be chosen again', { what: transfer.path });
  const { offsetBytes, tailBase64 } = await api['files.resumePoint']({
    id: transfer.id,
    sizeBytes: file.size,
    modifiedMs: file.lastModified,
  });
  const tail = Uint8Array.from(atob(tailBase64), (character) => character.charCodeAt(0));
  const here = new Uint8Array(await file.slice(offsetBytes - tail.byteLength, offsetBytes).arrayBuffer());
  if (here.byteLength !== tail.byteLength || here.some((byte, index) => byte !== tail[index]))
    throw new AppError('file_changed', 'It is another file', { path: file.name });
  sources.set(transfer.id, file);
  await send({ id: transfer.id, resumeAt: offsetBytes }, file, offsetBytes);
  sources.delete(transfer.id);
}

/** Lets the browser fetch a file of a machine: it streams, and asks where to put it as it does for any download. */
export async function download(machineId: string, path: string): Promise<void> {
  const { href, fileName } = await api['files.download']({ machineId, path });
  const link = document.createElement('a');
  link.href = href;
  link.download = fileName;
  link.click();
}
