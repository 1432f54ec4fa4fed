import type { AppError, ErrorData, ErrorKind } from '../../shared/domain/errors.ts';
import type { Duplex } from 'node:stream';
import type { AuthMethod, SudoMode } from '../../shared/domain/unions.ts';
import type { SftpSession } from './sftp-types.ts';

/** Where a machine is and how to log in; holds no secret. */
export interface SshTarget {
  readonly machineId: string;
  /** The user's name for the machine, for messages. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly authMethod: AuthMethod;
  readonly sudoMode: SudoMode;
  /** The machine through which this one is reached, or null. */
  readonly jumpMachineId: string | null;
  /** Legacy key exchange, ciphers and host keys, switched on by the user for this machine only. */
  readonly allowLegacyAlgorithms: boolean;
}

export type SecretField = 'password' | 'sudoPassword' | 'privateKey' | 'keyPassphrase';

/** A key that a server presented. `fingerprintSha256` is in OpenSSH's form, `SHA256:` + base64 without padding. */
export interface PresentedHostKey {
  readonly type: string;
  readonly fingerprintSha256: string;
  /** base64 of the wire format, as in known_hosts. */
  readonly publicKey: string;
}

/** When a silent connection is asked for a sign of life, and when it counts as lost. */
export interface SshKeepAlive {
  /** Of silence; 0: it is never asked. */
  readonly intervalMs: number;
  /** Questions without an answer. */
  readonly countMax: number;
}

/** What the pool must be told; the machines, credentials and host key features implement it. */
export interface SshDirectory {
  /** @throws AppError not_found */
  target(machineId: string): SshTarget;
  /** Decrypts one secret for one use; `reason` goes into the audit event. @throws AppError vault_locked, secret_unreadable */
  secret(machineId: string, field: SecretField, reason: string): Promise<string | null>;
  /** Called before authentication; records what was seen. Nothing is sent to the host unless the answer is `approved`. */
  checkHostKey(
    target: SshTarget,
    key: PresentedHostKey,
  ):
    | 'approved'
    | 'unknown'
    | 'changed'
    | 'rejected'
    | Promise<'approved' | 'unknown' | 'changed' | 'rejected'>;
  /** Types of the approved keys, so that the server is asked for one of them first (empty: no preference). */
  approvedKeyTypes(target: SshTarget): readonly string[];
}

export interface ExecRequest {
  /**
   * A POSIX sh script. It runs in / with LC_ALL=C, a system PATH, and standard input from /dev/null unless `stdin` is
   * given. When the channel closes before it ended (cancel, time limit, lost connection) its process group gets SIGHUP;
   * what must not be interrupted has to leave the group (setsid, systemd-run) or begin with `trap '' HUP`. With
   * `stdin` there is no SIGHUP, only the end of the input.
   */
  readonly script: string;
  readonly asRoot?: boolean;
  /**
   * What the script may read from file descriptor 0, byte for byte. STDIN_BYTES in its environment is the size: a
   * connection that breaks also ends the input, and only the count tells a cut-off upload from a whole one.
   */
  readonly stdin?: Uint8Array;
  /** Wall time for the whole call, connection included (Infinity: none); reached: ssh_timeout, the channel is closed. */
  readonly timeoutMs: number;
  /** Bound on stdout and on stderr; reached: output_too_large. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Why secrets may be decrypted for this call; goes into the audit event. */
  readonly reason: string;
  /** Receives stdout as it arrives, after the marker; then `stdout` of the result stays empty. May return a promise: back-pressure. */
  readonly onStdout?: (chunk: Uint8Array) => void | Promise<void>;
  /** Over a connection that file sessions use, for what moves files: its output delays no other script. */
  readonly amongFiles?: boolean;
}

export interface ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** The script's exit status. */
  readonly exitCode: number;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ShellRequest extends TerminalSize {
  readonly signal?: AbortSignal;
  /** Why secrets may be decrypted for this call; goes into the audit event. */
  readonly reason: string;
}

/** How a terminal ended: the shell left, or the link under it went. */
export type ShellEnd =
  | { readonly kind: 'exited'; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly kind: 'lost'; readonly error: AppError };

/** A login shell on a terminal of its own. */
export interface SshShell {
  /**
   * What it writes, in pieces of some 256 KB at most, once. A piece holds until the next is asked for: its memory serves again.
   * Nothing is taken from the host beyond SSH's window of 2 MB while nobody asks. Ends with the shell, with the link, and when
   * `signal` aborts.
   */
  output(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Resolves when more may be written without piling up; what is written after the end is dropped. */
  write(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): void;
  /** Ends the session on the host: its programs get SIGHUP. */
  close(): void;
  /** Settles once, when the channel is closed. */
  readonly ended: Promise<ShellEnd>;
}

/** What opens a share of a connection for other than scripts. */
export interface LaneRequest {
  readonly signal?: AbortSignal;
  /** Why secrets may be decrypted for this call; goes into the audit event. */
  readonly reason: string;
}

/** A connection over which streams of other programs pass. */
export interface SshLink {
  /** A stream to `host:port` as the machine sees it. @throws AppError forward_prohibited, forward_unreachable, ssh_connection_lost */
  connect(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** The machine listens; each connection there comes as a stream. @throws AppError forward_refused, ssh_connection_lost */
  listen(
    address: string,
    port: number,
    onStream: (stream: Duplex) => void,
  ): Promise<{ readonly port: number; close(): void }>;
  /** Calls back once, at once when it is lost already; returns how to unsubscribe. */
  onLost(callback: (error: AppError) => void): () => void;
  release(): void;
}

export interface SshPool {
  /**
   * A file session, over connections that files alone use.
   * @throws AppError sftp_unavailable, one of the ssh_* and vault_* kinds, `cancelled`
   */
  sftp(machineId: string, request: LaneRequest): Promise<SftpSession>;
  /** A share of the connection that forwards use. @throws AppError one of the ssh_* and vault_* kinds, `cancelled` */
  link(machineId: string, request: LaneRequest): Promise<SshLink>;
  /**
   * Opens a terminal on a machine, over a connection that it shares with other terminals only.
   * @throws AppError one of the ssh_* and vault_* kinds, `cancelled`
   */
  shell(machineId: string, request: ShellRequest): Promise<SshShell>;
  /**
   * Runs a script on a machine over its shared connection (opened when needed).
   * @throws AppError one of the ssh_*, sudo_*, vault_* kinds, `output_too_large`, `cancelled`
   */
  exec(machineId: string, request: ExecRequest): Promise<ExecResult>;
  /** Connects up to the host key only and returns it; nothing is sent beyond the key exchange. */
  scanHostKey(
    machineId: string,
    options?: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<PresentedHostKey>;
  /** Steps of a connection attempt with the time each took; stops at the first that fails. */
  diagnose(
    machineId: string,
    options?: { signal?: AbortSignal; report?: DiagnosisProgress },
  ): Promise<readonly DiagnosisStep[]>;
  /**
   * The same for a target that is stored nowhere. `doors` answers for it, and for nothing else: jump hosts are machines
   * and go by the pool's own directory.
   */
  diagnoseDraft(
    target: SshTarget,
    doors: Pick<SshDirectory, 'secret' | 'checkHostKey' | 'approvedKeyTypes'>,
    options?: { signal?: AbortSignal; report?: DiagnosisProgress },
  ): Promise<readonly DiagnosisStep[]>;
  /** Closes the machine's connection (its credentials or host key changed). */
  drop(machineId: string): void;
  close(): Promise<void>;
}

export const diagnosisSteps = ['resolve', 'connect', 'host_key', 'authenticate', 'shell', 'sudo'] as const;
export interface DiagnosisStep {
  readonly step: (typeof diagnosisSteps)[number];
  readonly status: 'ok' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** What was found: an address, a fingerprint, a user name; or why it failed. Never a secret. */
  readonly detail: string;
  readonly errorKind: ErrorKind | null;
  /** Values that make the error's text exact. */
  readonly errorData?: ErrorData;
}

/** Told while a diagnosis goes. */
export interface DiagnosisProgress {
  begin(step: DiagnosisStep['step']): void;
  step(step: DiagnosisStep): void;
  /** The key that the machine itself presented, and what the directory said of it. */
  hostKey(key: PresentedHostKey, status: 'approved' | 'unknown' | 'changed' | 'rejected'): void;
}
