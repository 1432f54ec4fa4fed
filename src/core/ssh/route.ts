import type { Duplex } from 'node:stream';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { logIn, type LoginOptions, type SshConnection } from './connection.ts';
import { createDeadline } from './deadline.ts';
import { dial, resolveAddresses } from './dial.ts';
import { addressOf, viaFailure } from './failures.ts';
import type { SudoMemory } from './sudo.ts';
import type { SshDirectory, SshTarget } from './types.ts';

/** The options with their defaults, and what connections share. */
export interface PoolContext {
  readonly directory: SshDirectory;
  readonly now: () => number;
  readonly connectTimeoutMs: number;
  readonly shellTimeoutMs: number;
  readonly login: Pick<LoginOptions, 'directory' | 'keepAlive' | 'maxChannels'>;
  readonly agentSocket: () => string | null;
  readonly sudoMemory: SudoMemory;
  readonly lease: (machineId: string, reason: string, signal: AbortSignal) => Promise<Lease>;
}

/** A share in a machine's connection; the connection stays open until every share is released. */
export interface Lease {
  readonly connection: SshConnection;
  /** False when this caller's request opened it. */
  readonly reused: boolean;
  release(): void;
}

/** The byte stream to a machine's SSH port, directly or through its jump host. */
export interface Route {
  readonly transport: Duplex;
  /** Lets go of the jump host. */
  release(): void;
}

/** @throws AppError ssh_name_unresolved, ssh_connection_refused, ssh_unreachable, ssh_jump_failed, and the jump host's own with `via` */
export async function openRoute(
  context: PoolContext,
  target: SshTarget,
  reason: string,
  signal: AbortSignal,
): Promise<Route> {
  if (target.jumpMachineId === null) {
    const transport = await dial(target, await resolveAddresses(target, signal), signal);
    return { transport, release: () => undefined };
  }
  const jump = context.directory.target(target.jumpMachineId);
  let held: Lease;
  try {
    held = await context.lease(jump.machineId, reason, signal);
  } catch (error) {
    throw viaFailure(target, jump, toAppError(error));
  }
  try {
    const deadline = createDeadline(context.connectTimeoutMs, target.name, signal);
    deadline.phase = 'forward';
    const transport = await held.connection.forward(target, deadline.signal).finally(() => {
      deadline.release();
    });
    return {
      transport,
      release: () => {
        held.release();
      },
    };
  } catch (error) {
    held.release();
    if (signal.aborted || !(error instanceof AppError) || error.code !== 'ssh_timeout') throw error;
    throw new AppError('ssh_jump_failed', `${target.name}: ${jump.name} got no answer from it`, {
      ...addressOf(target),
      via: jump.name,
      viaMachineId: jump.machineId,
      detail: 'timed_out',
    });
  }
}

/** Opens a connection for the pool, within `connectTimeoutMs` a hop. */
export async function establish(
  context: PoolContext,
  target: SshTarget,
  reason: string,
  signal: AbortSignal,
): Promise<SshConnection> {
  // The jump host has the time limits of its own hops.
  const hops = 1 + jumpChain(context.directory, target).length;
  const deadline = createDeadline(context.connectTimeoutMs * hops, target.name, signal);
  try {
    deadline.phase = 'connect';
    const route = await openRoute(context, target, reason, deadline.signal);
    try {
      const connection = await logIn({
        ...context.login,
        target,
        transport: route.transport,
        reason,
        agentSocket: context.agentSocket(),
        signal: deadline.signal,
        onPhase: (phase) => {
          deadline.phase = phase;
        },
      });
      connection.onLost(() => {
        route.release();
      });
      return connection;
    } catch (error) {
      route.transport.destroy();
      route.release();
      throw error;
    }
  } finally {
    deadline.release();
  }
}

/** The jump hosts of a machine, nearest first. @throws AppError ssh_jump_failed when they go round in a circle */
export function jumpChain(directory: SshDirectory, target: SshTarget): readonly SshTarget[] {
  const chain: SshTarget[] = [];
  const seen = new Set([target.machineId]);
  for (let next = target.jumpMachineId; next !== null;) {
    const jump = directory.target(next);
    if (seen.has(jump.machineId)) {
      throw new AppError('ssh_jump_failed', `${target.name}: its jump hosts lead back to ${jump.name}`, {
        ...addressOf(target),
        via: jump.name,
        viaMachineId: jump.machineId,
        detail: 'cycle',
      });
    }
    seen.add(jump.machineId);
    chain.push(jump);
    next = jump.jumpMachineId;
  }
  return chain;
}
