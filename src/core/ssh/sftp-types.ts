/** What a name in a directory stands for. */
export const fileKinds = ['file', 'directory', 'symlink', 'other'] as const;
export type FileKind = (typeof fileKinds)[number];

/** Attributes as SFTP version 3 tells them (draft-ietf-secsh-filexfer-02, section 5); times in whole seconds. */
export interface SftpStat {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  /** Permission bits, with set-uid, set-gid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface SftpEntry extends SftpStat {
  readonly name: string;
  /** As the server's listing writes them; null where it does not. */
  readonly owner: string | null;
  readonly group: string | null;
}

/** Room of the file system that holds a path. */
export interface SftpSpace {
  /** What the login may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly isReadOnly: boolean;
}

export interface SftpFile {
  /** What lies there, at most `length` bytes; empty at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  write(position: number, bytes: Uint8Array): Promise<void>;
  stat(): Promise<SftpStat>;
  /** Brings what was written to the disk where the server can do that. */
  sync(): Promise<void>;
  /** Never fails: what could not be closed goes with the session. */
  close(): Promise<void>;
}

/**
 * One SFTP channel as promises. Paths are text: a name that is not UTF-8 cannot be named over it.
 * Every call: @throws AppError file_*, disk_full, read_only_filesystem, ssh_connection_lost
 */
export interface SftpSession {
  readonly isOpen: boolean;
  realpath(path: string): Promise<string>;
  /** Of the link itself. */
  lstat(path: string): Promise<SftpStat>;
  stat(path: string): Promise<SftpStat>;
  readlink(path: string): Promise<string>;
  /** Pieces of a directory as the server sends them, without `.` and `..`. */
  list(path: string): AsyncGenerator<SftpEntry[]>;
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Refuses where something is in the place already. */
  rename(from: string, to: string): Promise<void>;
  /** Puts `from` into the place of `to` in one step (posix-rename@openssh.com). */
  replace(from: string, to: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
  touch(path: string, modifiedAt: number): Promise<void>;
  /** Null where the server does not know statvfs@openssh.com. */
  space(path: string): Promise<SftpSpace | null>;
  /** `create`: a new file with that mode less the machine's umask, refused where one is. */
  open(path: string, how: 'read' | 'write' | { readonly create: number }): Promise<SftpFile>;
  close(): void;
}
