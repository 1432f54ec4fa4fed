import { and, desc, eq, inArray, isNotNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { jobs, machines } from '../db/schema/index.ts';
import { recordEvent } from '../events/index.ts';
import { readSetting, writeSetting } from '../settings/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { refuseTaken } from './changes.ts';
import * as store from './store.ts';

type Names =
  | 'machines.remove'
  | 'machines.restore'
  | 'machines.removed'
  | 'machines.purge'
  | 'machines.setRemovedKeepDays';

const keepDaysSetting = 'machines.removedKeepDays';
/** Long enough to miss a machine at the next quarterly round of updates. */
const keepDaysDefault = 90;
const dayMs = 24 * 60 * 60_000;

function keepDaysOf(context: CoreContext): number | null {
  return readSetting(context, keepDaysSetting, z.number().int().min(1).nullable(), keepDaysDefault);
}

const purgeAtOf = (removedAt: string, keepDays: number | null): string | null =>
  keepDays === null ? null : new Date(Date.parse(removedAt) + keepDays * dayMs).toISOString();

/**
 * Deletes a removed machine; the database takes what belongs to it along, and lets go of the rows that name files
 * (logs, reports), which the clean-up finds by that. Call it inside a transaction.
 * @throws AppError conflict while a job runs there, or while machines of the fleet are reached through it
 */
function purge(context: CoreContext, machine: store.MachineRow, actorType: 'user' | 'system'): void {
  const { db } = context.database;
  const active = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.machineId, machine.id), inArray(jobs.status, ['queued', 'running'])))
    .get();
  if (active)
    throw new AppError('conflict', 'A job still runs on this machine', { jobId: active.id, reason: 'job' });
  const [user] = store.jumpUsers(context, machine.id);
  // The key would become null, and Homeport would connect straight to what was behind the jump host.
  if (user) {
    throw new AppError('conflict', 'Machines are reached through this one', {
      name: user.name,
      reason: 'jump',
    });
  }
  db.delete(machines).where(eq(machines.id, machine.id)).run();
  recordEvent(context, {
    machineId: null,
    eventType: 'machine.purged',
    severity: 'info',
    actorType,
    message: `${machine.name} was purged with its history.`,
    data: { name: machine.name, hostname: machine.hostname },
  });
}

/** The retention rule of removed machines; returns how many it purged. What cannot go yet stays for the next time. */
export function purgeExpired(context: CoreContext): number {
  const { database, log } = context;
  const keepDays = keepDaysOf(context);
  if (keepDays === null) return 0;
  const before = new Date(context.now().getTime() - keepDays * dayMs).toISOString();
  const expired = database.db
    .select()
    .from(machines)
    .where(and(isNotNull(machines.deletedAt), lt(machines.deletedAt, before)))
    .all();
  let purged = 0;
  for (const machine of expired) {
    try {
      database.tx(() => purge(context, machine, 'system'));
      purged += 1;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
      log.info('A removed machine is kept beyond its time', { machineId: machine.id, ...error.data });
    }
  }
  return purged;
}

export function removalHandlers(
  context: CoreContext,
  pool: Pick<SshPool, 'drop'>,
  queue: { cancelQueued(machineId: string): void },
  requests: { leaveMachine(machineId: string): void },
): Pick<HomeportHandlers, Names> {
  const { database, bus } = context;
  const changed = (machineId: string) => bus.publish('fleet.changed', { machineIds: [machineId] });

  return {
    'machines.remove': ({ id }) => {
      const machine = store.machineById(context, id);
      queue.cancelQueued(id);
      database.tx(() => {
        store.updateMachine(context, id, { deletedAt: isoNow(context) });
        // It may come back; what was asked for it does not.
        requests.leaveMachine(id);
        recordEvent(context, {
          machineId: id,
          eventType: 'machine.removed',
          severity: 'info',
          actorType: 'user',
          message: `${machine.name} was removed.`,
          data: { name: machine.name },
        });
      });
      pool.drop(id);
      changed(id);
      return {};
    },
    'machines.restore': ({ id }) => {
      const machine = store.machineById(context, id, true);
      refuseTaken(context, machine, id);
      database.tx(() => {
        store.updateMachine(context, id, { deletedAt: null });
        recordEvent(context, {
          machineId: id,
          eventType: 'machine.restored',
          severity: 'info',
          actorType: 'user',
          message: `${machine.name} is back.`,
          data: { name: machine.name },
        });
      });
      changed(id);
      return {};
    },
    'machines.removed': () => {
      // An application that is left open for months keeps the rule as well.
      purgeExpired(context);
      const keepDays = keepDaysOf(context);
      const rows = database.db
        .select()
        .from(machines)
        .where(isNotNull(machines.deletedAt))
        .orderBy(desc(machines.deletedAt))
        .all();
      return {
        keepDays,
        machines: rows.map(({ id, name, hostname, port, username, deletedAt }) => ({
          id,
          name,
          hostname,
          port,
          username,
          removedAt: deletedAt ?? '',
          purgeAt: purgeAtOf(deletedAt ?? '', keepDays),
        })),
      };
    },
    'machines.purge': ({ id, name }) => {
      const machine = store.machineById(context, id, true);
      if (machine.deletedAt === null) {
        throw new AppError('conflict', 'Only a removed machine can be purged', { reason: 'not_removed' });
      }
      if (machine.name !== name) {
        throw new AppError('invalid_input', 'The name given is not that of the machine', { field: 'name' });
      }
      database.tx(() => purge(context, machine, 'user'));
      pool.drop(id);
      changed(id);
      return {};
    },
    'machines.setRemovedKeepDays': ({ days }) => {
      writeSetting(context, keepDaysSetting, days);
      return {};
    },
  };
}
