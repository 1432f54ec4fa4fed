import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type AuthHandlerMiddleware, type Client, type ClientChannel, type SFTPWrapper } from 'ssh2';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { algorithmsFor } from './algorithms.ts';
import { createAuthentication } from './authentication.ts';
import { abortError, orAborted } from './deadline.ts';
import {
  addressOf,
  hostKeyFailure,
  loginFailure,
  lostFailure,
  printable,
  type LoginPhase,
} from './failures.ts';
import { presentedHostKey } from './host-key.ts';
import { readFloodsInLargePieces } from './large-reads.ts';
import { knowPacketKeys } from './packet-keys.ts';
import { createSlots, type Slots } from './slots.ts';
import type { PresentedHostKey, SshDirectory, SshKeepAlive, SshTarget, TerminalSize } from './types.ts';

export interface LoginOptions {
  readonly target: SshTarget;
  /** An open byte stream to the server: a TCP socket, or a channel of a jump host. */
  readonly transport: Duplex;
  readonly directory: SshDirectory;
  readonly reason: string;
  readonly agentSocket: string | null;
  /** Asked once, when a connection is opened. */
  readonly keepAlive: () => SshKeepAlive;
  readonly maxChannels: number;
  readonly signal: AbortSignal;
  /** Told when a phase begins. */
  readonly onPhase?: (phase: LoginPhase) => void;
  /** Sees the host key; with `scan` the attempt ends there. */
  readonly onHostKey?: (key: PresentedHostKey) => void;
  readonly scan?: boolean;
}

/** The way an attempt with `scan` ends. */
class Scanned extends Error {}

/**
 * Key exchange, host key check, login. No authentication message leaves before the directory approved the key.
 * @throws AppError ssh_host_key_*, ssh_algorithm_mismatch, ssh_auth_failed, ssh_key_*, ssh_agent_unavailable,
 *   ssh_unreachable, ssh_connection_lost, vault_*
 */
export function logIn(options: LoginOptions): Promise<SshConnection> {
  const { target, transport, directory, signal } = options;
  return new Promise<SshConnection>((resolve, reject) => {
    const client = new ssh2.Client();
    let phase: LoginPhase = 'handshake';
    let settled = false;
    let approvedKey: Buffer | null = null;
    let connection: SshConnection | null = null;

    const enter = (next: LoginPhase) => {
      phase = next;
      options.onPhase?.(next);
    };
    const fail = (error: Error) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', onAbort);
      reject(error);
      sayGoodbye(client);
      transport.destroy();
    };
    const onAbort = () => {
      fail(abortError(signal));
    };

    const authentication = createAuthentication({
      target,
      directory,
      reason: options.reason,
      agentSocket: options.agentSocket,
      fail,
    });

    /**
     * A key exchange in the middle of a connection shows the key again; it must be the same one. The answer is given
     * at once: when it comes later, ssh2 sends waiting data under the new keys before it says so, and sshd hangs up.
     */
    const recheckHostKey = (wire: Buffer, approved: Buffer): boolean => {
      if (approved.equals(wire)) return true;
      const changed = hostKeyFailure(target, presentedHostKey(wire), 'changed');
      if (connection !== null) connection.lose(changed);
      else fail(changed);
      return false;
    };

    /** Whether the exchange may go on; after every "no" the attempt has failed already. */
    const verifyHostKey = async (wire: Buffer): Promise<boolean> => {
      const key = presentedHostKey(wire);
      options.onHostKey?.(key);
      if (options.scan === true) {
        fail(new Scanned());
        return false;
      }
      const verdict = await directory.checkHostKey(target, key);
      if (verdict !== 'approved') {
        fail(hostKeyFailure(target, key, verdict));
        return false;
      }
      approvedKey = Buffer.from(wire);
      return isWanted();
    };
    const isWanted = () => !settled;

    client.on('error', (error: Error & { level?: string }) => {
      // The agent and signing failures are followed by the next attempt, which reports.
      if (phase === 'authenticate' && (error.level === 'agent' || error.level === 'client-authentication'))
        return;
      if (connection !== null) connection.lose(lostFailure(target, error));
      else
        fail(
          (phase === 'authenticate' ? authentication.hangUp() : null) ?? loginFailure(target, phase, error),
        );
    });
    client.on('close', () => {
      if (connection !== null) connection.lose(lostFailure(target, null));
      else
        fail(
          (phase === 'authenticate' ? authentication.hangUp() : null) ?? loginFailure(target, phase, null),
        );
      connection?.ended();
    });
    client.on('banner', (text) => {
      authentication.banner(text);
    });
    client.on('change password', () => {
      authentication.passwordExpired();
    });
    client.on('handshake', () => {
      knowPacketKeys(client);
      if (connection === null && !settled) enter('authenticate');
    });
    client.on('ready', () => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', onAbort);
      enter('ready');
      connection = new SshConnection(client, transport, target, options.maxChannels);
      resolve(connection);
    });

    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    enter('handshake');
    const handler: AuthHandlerMiddleware = (offered, partial, next) => {
      if (approvedKey === null) {
        fail(new AppError('internal', 'Login began before the host key was approved'));
        return;
      }
      authentication.handler(offered, partial, (method) => {
        if (!settled) next(method);
      });
    };
    try {
      const { intervalMs, countMax } = options.keepAlive();
      client.connect({
        sock: transport,
        username: target.username,
        authHandler: handler,
        hostVerifier: (wire: Buffer, verdict: (ok: boolean) => void) => {
          if (approvedKey !== null) return recheckHostKey(wire, approvedKey);
          verifyHostKey(wire)
            .then((ok) => {
              if (ok) verdict(true);
            })
            .catch((error: unknown) => {
              fail(toAppError(error));
            });
          return undefined;
        },
        algorithms: algorithmsFor(target.allowLegacyAlgorithms, directory.approvedKeyTypes(target)),
        keepaliveInterval: intervalMs,
        keepaliveCountMax: countMax,
        readyTimeout: 0, // the caller's signal is the limit
      });
      // A channel of a jump host has the pieces of its connection.
      if (transport instanceof Socket) readFloodsInLargePieces(transport);
    } catch (error) {
      fail(toAppError(error));
    }
  });
}

/** The key that a server shows; the connection ends before anything else is sent. */
export async function scanKey(options: Omit<LoginOptions, 'scan' | 'onHostKey'>): Promise<PresentedHostKey> {
  let seen: PresentedHostKey | null = null;
  try {
    const connection = await logIn({
      ...options,
      scan: true,
      onHostKey: (key) => {
        seen = key;
      },
    });
    await connection.close();
  } catch (error) {
    if (!(error instanceof Scanned)) throw error;
  }
  if (seen === null) throw new AppError('internal', 'No host key was seen');
  return seen;
}

/** A port that a machine listens on for us. */
export interface RemoteListener {
  readonly port: number;
  close(): void;
}

/** How often a refused channel is asked for again, and the pause before (sshd frees a session when its process is reaped). */
const refusalPausesMs = [20, 50, 100, 200, 400, 800];

/** One logged-in connection. Sessions are limited and queue; forwarded streams are not counted by sshd's MaxSessions. */
export class SshConnection {
  readonly target: SshTarget;
  /** Why the connection is of no more use, or null. */
  lost: AppError | null = null;
  readonly #client: Client;
  readonly #transport: Duplex;
  readonly #slots: Slots;
  readonly #onLost = new Set<(error: AppError) => void>();
  readonly #ended = Promise.withResolvers<undefined>();

  constructor(client: Client, transport: Duplex, target: SshTarget, maxChannels: number) {
    this.#client = client;
    this.#transport = transport;
    this.target = target;
    this.#slots = createSlots(maxChannels);
  }

  /** Calls back once, at once when it is lost already; returns how to unsubscribe. */
  onLost(callback: (error: AppError) => void): () => void {
    if (this.lost !== null) callback(this.lost);
    else this.#onLost.add(callback);
    return () => this.#onLost.delete(callback);
  }

  lose(error: AppError): void {
    if (this.lost !== null) return;
    this.lost = error;
    for (const callback of this.#onLost) callback(error);
    this.#onLost.clear();
    this.#transport.destroy();
  }

  ended(): void {
    this.#ended.resolve(undefined);
  }

  /**
   * A session that runs `command` by the login shell, without pty and without environment (no LANG is sent).
   * @throws AppError ssh_channel_refused, ssh_connection_lost
   */
  async session(command: string, signal: AbortSignal): Promise<ClientChannel> {
    for (let attempt = 0; ; attempt += 1) {
      const release = await this.#slots.acquire(signal);
      try {
        const opening = this.#open((callback) =>
          this.#client.exec(command, { allowHalfOpen: true }, callback),
        );
        const channel = await openedInTime(opening, signal);
        const unsubscribe = this.onLost(release);
        channel.once('close', () => {
          unsubscribe();
          release();
        });
        return channel;
      } catch (error) {
        release();
        const pauseMs = refusalPausesMs[attempt];
        if (!isOpenRefusal(error) || pauseMs === undefined) throw this.#refusal(error);
        if (this.#slots.used > 0) this.#slots.learnLimit();
        await orAborted(delay(pauseMs), signal);
      }
    }
  }

  /**
   * The login shell on a terminal of that size. A refusal is told at once: who asks takes another connection.
   * COLORTERM and LANG are sent; sshd takes what its AcceptEnv lists, and a locale set on the host wins.
   * @throws AppError ssh_channel_refused, ssh_connection_lost
   */
  async shell(size: TerminalSize, signal: AbortSignal): Promise<ClientChannel> {
    const opening = this.#open((callback) =>
      this.#client.shell(
        { term: 'xterm-256color', cols: size.columns, rows: size.rows, width: 0, height: 0 },
        { env: { COLORTERM: 'truecolor', LANG: 'C.UTF-8' } },
        callback,
      ),
    );
    try {
      return await openedInTime(opening, signal);
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  /**
   * The SFTP subsystem on a channel of its own. A refusal is told at once, as with a shell.
   * @throws AppError ssh_channel_refused, ssh_connection_lost
   */
  async sftp(signal: AbortSignal): Promise<SFTPWrapper> {
    const opening = this.#open<SFTPWrapper>((callback) => this.#client.sftp(callback));
    try {
      return await openedInTime(opening, signal);
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  /** A stream to `hostname:port` as seen from this machine. @throws AppError ssh_connection_lost, else what ssh2 says */
  stream(hostname: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const opening = this.#open((callback) =>
      this.#client.forwardOut('127.0.0.1', 0, hostname, port, callback),
    );
    return openedInTime(opening, signal);
  }

  /**
   * Asks the machine to listen; each connection there comes as a stream. Resolves with the port when it does.
   * @throws AppError ssh_connection_lost, else what ssh2 says
   */
  listen(address: string, port: number, onStream: (stream: Duplex) => void): Promise<RemoteListener> {
    return new Promise((resolve, reject) => {
      const unsubscribe = this.onLost(reject);
      if (this.lost !== null) return;
      const client = this.#client;
      client.forwardIn(address, port, (error, boundPort) => {
        unsubscribe();
        if (error) {
          reject(this.lost ?? error);
          return;
        }
        const listenedPort = port === 0 ? boundPort : port;
        const take = (details: { destIP: string; destPort: number }, accept: () => ClientChannel): void => {
          if (details.destIP !== address || details.destPort !== listenedPort) return;
          onStream(accept());
        };
        client.on('tcp connection', take);
        resolve({
          port: listenedPort,
          close: () => {
            client.off('tcp connection', take);
            if (this.lost !== null) return;
            try {
              client.unforwardIn(address, listenedPort, () => undefined);
            } catch {
              // The connection has just gone, and what it listened to with it.
            }
          },
        });
      });
    });
  }

  /** A stream to `hostname:port` as seen from this machine. @throws AppError ssh_jump_failed, ssh_connection_lost */
  async forward(target: SshTarget, signal: AbortSignal): Promise<Duplex> {
    try {
      return await this.stream(target.hostname, target.port, signal);
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (this.lost !== null) throw this.lost;
      const prohibited = isOpenRefusal(error) && error.reason === 1; // SSH_OPEN_ADMINISTRATIVELY_PROHIBITED
      throw new AppError(
        'ssh_jump_failed',
        prohibited
          ? `${target.name}: ${this.target.name} does not allow forwarding`
          : `${target.name}: ${this.target.name} cannot reach it`,
        {
          ...addressOf(target),
          via: this.target.name,
          viaMachineId: this.target.machineId,
          detail: prohibited ? 'forwarding_refused' : 'target_unreachable',
          answer: printable(error instanceof Error ? error.message : ''),
        },
        { cause: error },
      );
    }
  }

  /** Says goodbye and waits until the stream is closed. */
  async close(): Promise<void> {
    sayGoodbye(this.#client);
    const giveUp = setTimeout(() => {
      this.lose(lostFailure(this.target, null));
      this.#transport.destroy();
      this.ended();
    }, 300);
    await this.#ended.promise;
    clearTimeout(giveUp);
    this.lose(lostFailure(this.target, null));
  }

  #open<C extends ClientChannel | SFTPWrapper = ClientChannel>(
    start: (callback: (error: Error | undefined, channel: C) => void) => void,
  ): Promise<C> {
    return new Promise((resolve, reject) => {
      if (this.lost !== null) {
        reject(this.lost);
        return;
      }
      const unsubscribe = this.onLost(reject);
      try {
        start((error, channel) => {
          unsubscribe();
          if (error) {
            reject(error);
            return;
          }
          channel.on('error', () => undefined); // its "close" follows and is what counts
          resolve(channel);
        });
      } catch (error) {
        unsubscribe();
        reject(lostFailure(this.target, error instanceof Error ? error : null));
      }
    });
  }

  #refusal(error: unknown): AppError {
    if (error instanceof AppError) return error;
    if (this.lost !== null) return this.lost;
    return new AppError(
      'ssh_channel_refused',
      `${this.target.name}: the server refused a session`,
      { ...addressOf(this.target), detail: printable(error instanceof Error ? error.message : '') },
      { cause: error },
    );
  }
}

/** What opens within the signal's time. Too late for the caller: whatever still opens is closed again. */
function openedInTime<C extends ClientChannel | SFTPWrapper>(
  opening: Promise<C>,
  signal: AbortSignal,
): Promise<C> {
  return orAborted(opening, signal).catch((error: unknown) => {
    opening.then(
      (late) => {
        if ('close' in late && 'stdin' in late) late.close();
        else late.end();
      },
      () => undefined,
    );
    throw error;
  });
}

/** Sends the SSH disconnect message where that is still possible; ssh2 throws when its protocol has ended. */
function sayGoodbye(client: Client): void {
  try {
    client.end();
  } catch {
    // The caller closes the stream under it in any case.
  }
}

function isOpenRefusal(error: unknown): error is Error & { reason: number } {
  return error instanceof Error && 'reason' in error && typeof error.reason === 'number';
}
