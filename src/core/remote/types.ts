import type { ExecRequest, ExecResult } from '../ssh/types.ts';

/** How remote runs reach a host: the pool's exec, narrowed. */
export type Exec = (machineId: string, request: ExecRequest) => Promise<ExecResult>;

export interface LaunchRequest {
  readonly machineId: string;
  /** Also the name of the run directory and of the systemd unit. A UUID. */
  readonly executionId: string;
  /** The rendered script, run by /bin/sh as root; fd 3 takes status lines (APT::Status-Fd and our `phase:` lines). */
  readonly script: string;
  readonly signal?: AbortSignal;
}

export interface LaunchedRun {
  readonly how: 'systemd' | 'setsid';
  readonly bootId: string;
  /** True when the run directory existed already: an earlier launch had reached the host. */
  readonly alreadyThere: boolean;
}

/** Byte counts of what is safely stored on our side. */
export interface RunOffsets {
  readonly output: number;
  readonly progress: number;
}

export interface FollowSink {
  /** Bytes of `output` beginning at `offset`; must be stored (with the offset) before the promise resolves. */
  output(offset: number, bytes: Uint8Array): Promise<void>;
  /** Bytes of the status stream beginning at `offset`. */
  progress(offset: number, bytes: Uint8Array): Promise<void>;
  /** The link is down; following goes on by itself. */
  linkDown(error: import('../../shared/domain/errors.ts').AppError): void;
  linkUp(): void;
}

export type RunEnd =
  | {
      readonly kind: 'exited';
      readonly exitCode: number;
      readonly outputSha256: string;
      readonly outputBytes: number;
    }
  | { readonly kind: 'interrupted_by_reboot'; readonly outputSha256: string; readonly outputBytes: number }
  | { readonly kind: 'interrupted'; readonly outputSha256: string; readonly outputBytes: number }
  /** The run directory does not exist: it was never launched or has been removed. */
  | { readonly kind: 'absent' };

export interface RemoteRuns {
  /** Uploads and starts the script as a detached unit; safe to repeat after a lost connection. */
  launch(request: LaunchRequest): Promise<LaunchedRun>;
  /** Follows a run from the offsets to its end over any number of connections. Ends only when the run ended or `signal` aborts (then rejects `cancelled`). */
  follow(
    machineId: string,
    executionId: string,
    from: RunOffsets,
    sink: FollowSink,
    signal?: AbortSignal,
  ): Promise<RunEnd>;
  /** Asks the host once about a run. */
  inspect(machineId: string, executionId: string): Promise<{ alive: boolean; end: RunEnd | null }>;
  /** A file that the run left in its directory (e.g. `before`, `after`), or null when absent. */
  readFile(
    machineId: string,
    executionId: string,
    name: string,
    maxBytes: number,
  ): Promise<Uint8Array | null>;
  /** Sends SIGTERM/SIGINT to the run's process group, only while `mayCancel` (no dpkg running). Returns false when refused. */
  cancel(machineId: string, executionId: string): Promise<boolean>;
  /** Removes the run directory; called after the results are stored. Refuses while the run is alive. */
  remove(machineId: string, executionId: string): Promise<void>;
  /** Removes leftover run directories of ended runs older than the given age. Returns their ids. */
  sweep(machineId: string, olderThanSeconds: number): Promise<readonly string[]>;
}
