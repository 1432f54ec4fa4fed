import type { AppError } from '../../shared/domain/errors.ts';
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
  /** `setsid` also where systemd runs but its unit could not be started. */
  readonly how: 'systemd' | 'setsid';
  readonly bootId: string;
  /** True when the run had been started by an earlier launch; this one started nothing. */
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
  linkDown(error: AppError): void;
  linkUp(): void;
}

/**
 * How a run ended. `outputSha256` and `outputBytes` are of the host's `output` file, for comparison with what was stored;
 * after a power cut the host may have fewer bytes than it had sent.
 */
export type RunEnd =
  | {
      readonly kind: 'exited';
      readonly exitCode: number;
      readonly outputSha256: string;
      readonly outputBytes: number;
    }
  | { readonly kind: 'interrupted_by_reboot'; readonly outputSha256: string; readonly outputBytes: number }
  | { readonly kind: 'interrupted'; readonly outputSha256: string; readonly outputBytes: number }
  /** No run of this id: it was never started, or has been removed. */
  | { readonly kind: 'absent' };

export interface RemoteRuns {
  /**
   * Uploads and starts the script as a detached unit; safe to repeat after a lost connection, also while the first
   * launch is still at work on the host: the script runs at most once. An error from the host (not from the link) means
   * that it did not start and never will by itself.
   * @throws AppError disk_full, read_only_filesystem, ssh_connection_lost (upload cut), invalid_input, unknown, and what exec throws
   */
  launch(request: LaunchRequest): Promise<LaunchedRun>;
  /**
   * Follows a run from the offsets to its end over any number of connections. Ends only when the run ended, `signal`
   * aborts (then rejects `cancelled`), a sink method rejects (then with that error), or the link cannot heal by itself.
   * @throws AppError cancelled, execution_output_lost (the living run's file is shorter than `from`), output_unparseable,
   *   and those of exec that need the user: ssh_auth_failed, ssh_host_key_*, sudo_*, vault_*
   */
  follow(
    machineId: string,
    executionId: string,
    from: RunOffsets,
    sink: FollowSink,
    signal?: AbortSignal,
  ): Promise<RunEnd>;
  /**
   * Asks the host once about a run. Neither alive nor ended (`end` null): a launch reached the host but was not
   * completed; repeat it, or remove it.
   */
  inspect(machineId: string, executionId: string): Promise<{ alive: boolean; end: RunEnd | null }>;
  /**
   * A file that the run left in its directory (e.g. `before`, `after`), or null when absent.
   * @throws AppError output_too_large, with `sizeBytes`
   */
  readFile(
    machineId: string,
    executionId: string,
    name: string,
    maxBytes: number,
  ): Promise<Uint8Array | null>;
  /**
   * Sends SIGTERM, then SIGINT, to the run's process group unless dpkg is at work (or was, in the present phase).
   * True when the signal was sent; the end comes through `follow`. False when refused or when nothing lives any more.
   */
  cancel(machineId: string, executionId: string): Promise<boolean>;
  /**
   * Removes the run directory; called after the results are stored. An absent one is no error.
   * @throws AppError conflict while the run is alive
   */
  remove(machineId: string, executionId: string): Promise<void>;
  /** Removes leftover run directories of ended runs older than the given age. Returns their ids (at most 500 a call). */
  sweep(machineId: string, olderThanSeconds: number): Promise<readonly string[]>;
}

/** How a run that lived in its connection ended. */
export type HeldEnd =
  | { readonly kind: 'ended'; readonly end: RunEnd }
  /** The connection is gone and with it the run, as far as it could be stopped; `inspect` and `follow` tell what became of it. */
  | { readonly kind: 'lost'; readonly error: AppError };

/**
 * Runs that live in the SSH session that started them, with their files in the host's memory. Everything besides starting
 * them is as for detached runs: what a lost session left is looked at, followed to its end and removed by the same calls.
 */
export interface AttachedRuns extends Omit<RemoteRuns, 'launch'> {
  /**
   * Starts the script and stays with it to its end, over this one connection. When that is lost or closed (also by
   * `signal`), the host stops the run by the rule of `cancel`: at once while nothing is unpacked, else dpkg is let alone.
   * An error thrown means that nothing was started.
   * @throws AppError disk_full, read_only_filesystem, not_allowed, invalid_input, unknown, those of a sink method, and what
   *   exec throws before anything was sent (ssh_auth_failed, ssh_host_key_*, sudo_*, vault_*)
   */
  hold(request: LaunchRequest, sink: FollowSink, onStarted: (bootId: string) => void): Promise<HeldEnd>;
}

/** Time and chance, replaced by tests. */
export interface Clock {
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  /** Resolves after that time, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 (included) to 1 (excluded). */
  random(): number;
}

export interface FollowTiming {
  /** Without a byte for so long, the link counts as down. The host says something every 3 s. */
  readonly silenceMs: number;
  /** From the call of exec to the first word: connecting, logging in, sudo. */
  readonly helloMs: number;
  /**
   * The same while the link is down, for three of four tries: a packet to a host that was away is repeated by TCP at ever
   * longer intervals, a new try sends one at once.
   */
  readonly reconnectMs: number;
  /** A follow connection is closed and re-opened after so long. */
  readonly rotateMs: number;
  /** The first pause after a lost link; doubles to the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}
