import type { Attributes, FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import { AppError } from '../../shared/domain/errors.ts';
import type { SshConnection } from './connection.ts';
import { addressOf } from './failures.ts';
import { sftpFailure, sftpStatus, statusOf } from './sftp-failures.ts';
import type { FileKind, SftpEntry, SftpFile, SftpSession, SftpSpace, SftpStat } from './sftp-types.ts';

type Done<T> = (error: Error | null | undefined, value?: T) => void;
/** What is used of an answer to statvfs@openssh.com (OpenSSH's PROTOCOL, section 4.4). */
interface FileSystem {
  f_frsize: number;
  f_blocks: number;
  f_bavail: number;
  f_flag: number;
}
const readOnlyFlag = 1;
const typeBits = 0o170000;
const kindOfType: Readonly<Record<number, FileKind>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
};

const kindOf = (mode: number): FileKind => kindOfType[mode & typeBits] ?? 'other';
const statOf = ({ mode, size, mtime, uid, gid }: Attributes | Stats): SftpStat => ({
  kind: kindOf(mode),
  sizeBytes: size,
  modifiedAt: mtime,
  mode: mode & 0o7777,
  uid,
  gid,
});

/** `longname` is a line of `ls -l` in OpenSSH and most others: mode, links, owner, group. */
function entryOf({ filename, longname, attrs }: FileEntryWithStats): SftpEntry {
  const [mode = '', , owner, group] = longname.split(/\s+/, 4);
  const isListing = /^[bcdlps-][rwxsStT-]{9}/.test(mode);
  return {
    ...statOf(attrs),
    name: filename,
    owner: isListing && owner !== undefined && owner !== '' ? owner : null,
    group: isListing && group !== undefined && group !== '' ? group : null,
  };
}

/** An open SFTP channel; `release` gives its share of the connection back, once. */
export function createSftp(
  wrapper: SFTPWrapper,
  connection: SshConnection,
  release: () => void,
): SftpSession {
  const { target } = connection;
  let isOpen = true;
  const waiting = new Set<(error: AppError) => void>();

  const over = (): void => {
    if (!isOpen) return;
    isOpen = false;
    unsubscribe();
    const error =
      connection.lost ??
      new AppError('ssh_connection_lost', `${target.name}: the file session closed`, addressOf(target));
    for (const fail of waiting) fail(error);
    waiting.clear();
    release();
  };
  const unsubscribe = connection.onLost(() => {
    queueMicrotask(over);
  });
  // A connection that breaks closes its channels before it says so itself.
  wrapper.on('close', () => setImmediate(over));
  wrapper.on('end', () => setImmediate(over));
  wrapper.on('error', () => undefined);

  /** One request. What the connection takes with it fails as lost, and not as the file's fault. */
  const ask = <T>(path: string, start: (done: Done<T>) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (!isOpen) {
        reject(
          connection.lost ??
            new AppError(
              'ssh_connection_lost',
              `${target.name}: the file session is closed`,
              addressOf(target),
            ),
        );
        return;
      }
      const fail = (error: AppError): void => {
        reject(error);
      };
      waiting.add(fail);
      const done: Done<T> = (error, value) => {
        // An answer without a status is none: the channel is going, and its end tells why.
        if (error && statusOf(error) === null && !(error instanceof AppError)) return;
        if (!waiting.delete(fail)) return;
        if (error) reject(sftpFailure(error, target.name, path));
        else resolve(value as T);
      };
      try {
        start(done);
      } catch (error) {
        waiting.delete(fail);
        reject(connection.lost ?? sftpFailure(error, target.name, path));
      }
    });

  const fileOf = (path: string, handle: Buffer): SftpFile => {
    let isClosed = false;
    return {
      async read(position, length) {
        const buffer = Buffer.allocUnsafe(length);
        const count = await ask<number>(path, (done) => {
          wrapper.read(handle, buffer, 0, length, position, (error, bytesRead) => {
            if (error && statusOf(error) === sftpStatus.eof) done(null, 0);
            else done(error, bytesRead);
          });
        });
        return buffer.subarray(0, count);
      },
      write: (position, bytes) =>
        ask<undefined>(path, (done) => {
          const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          wrapper.write(handle, buffer, 0, buffer.length, position, (error) => {
            done(error, undefined);
          });
        }),
      stat: async () => statOf(await ask<Stats>(path, (done) => wrapper.fstat(handle, done))),
      async sync() {
        try {
          await ask<undefined>(path, (done) => {
            wrapper.ext_openssh_fsync(handle, (error: Error | undefined) => {
              done(error, undefined);
            });
          });
        } catch (error) {
          // Not every server has it; what cannot be synced is written all the same.
          if (error instanceof AppError && error.code === 'ssh_connection_lost') throw error;
        }
      },
      async close() {
        if (isClosed || !isOpen) return;
        isClosed = true;
        await ask<undefined>(path, (done) => {
          wrapper.close(handle, (error) => {
            done(error, undefined);
          });
        }).catch(() => undefined);
      },
    };
  };

  const plain = (path: string, start: (done: (error?: Error | null) => void) => void): Promise<void> =>
    ask<undefined>(path, (done) => {
      start((error) => {
        done(error, undefined);
      });
    });

  return {
    get isOpen() {
      return isOpen;
    },
    realpath: (path) => ask<string>(path, (done) => wrapper.realpath(path, done)),
    lstat: async (path) => statOf(await ask<Stats>(path, (done) => wrapper.lstat(path, done))),
    stat: async (path) => statOf(await ask<Stats>(path, (done) => wrapper.stat(path, done))),
    readlink: (path) => ask<string>(path, (done) => wrapper.readlink(path, done)),
    async *list(path) {
      const handle = await ask<Buffer>(path, (done) => wrapper.opendir(path, done));
      try {
        for (;;) {
          const piece = await ask<FileEntryWithStats[] | null>(path, (done) => {
            wrapper.readdir(handle, (error, list) => {
              if (error && statusOf(error) === sftpStatus.eof) done(null, null);
              else done(error, list);
            });
          });
          if (piece === null) return;
          yield piece.map(entryOf);
        }
      } finally {
        if (isOpen) await plain(path, (done) => wrapper.close(handle, done)).catch(() => undefined);
      }
    },
    mkdir: (path) => plain(path, (done) => wrapper.mkdir(path, done)),
    rmdir: (path) => plain(path, (done) => wrapper.rmdir(path, done)),
    unlink: (path) => plain(path, (done) => wrapper.unlink(path, done)),
    rename: (from, to) => plain(to, (done) => wrapper.rename(from, to, done)),
    replace: (from, to) => plain(to, (done) => wrapper.ext_openssh_rename(from, to, done)),
    chmod: (path, mode) => plain(path, (done) => wrapper.chmod(path, mode, done)),
    chown: (path, uid, gid) => plain(path, (done) => wrapper.chown(path, uid, gid, done)),
    touch: (path, modifiedAt) => plain(path, (done) => wrapper.utimes(path, modifiedAt, modifiedAt, done)),
    async space(path): Promise<SftpSpace | null> {
      try {
        const info = await ask<FileSystem>(path, (done) => {
          wrapper.ext_openssh_statvfs(path, (error: Error | undefined, found: FileSystem) => {
            done(error, found);
          });
        });
        return {
          freeBytes: info.f_bavail * info.f_frsize,
          totalBytes: info.f_blocks * info.f_frsize,
          isReadOnly: (info.f_flag & readOnlyFlag) !== 0,
        };
      } catch (error) {
        if (error instanceof AppError && error.code === 'ssh_connection_lost') throw error;
        return null;
      }
    },
    async open(path, how) {
      const flags = how === 'read' ? 'r' : how === 'write' ? 'r+' : 'wx';
      const mode = typeof how === 'object' ? how.create : 0o644;
      const handle = await ask<Buffer>(path, (done) => wrapper.open(path, flags, { mode }, done));
      return fileOf(path, handle);
    },
    close() {
      if (!isOpen) return;
      try {
        wrapper.end();
      } catch {
        // The connection under it has just gone.
      }
      over();
    },
  };
}
