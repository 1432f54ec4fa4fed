import { and, asc, eq, isNull } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import type { ForwardKind } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machines, portForwards } from '../db/schema/index.ts';
import { recordEvent } from '../events/index.ts';

export interface ForwardFields {
  readonly machineId: string;
  readonly kind: ForwardKind;
  readonly bindAddress: string;
  readonly bindPort: number;
  readonly targetHost: string;
  readonly targetPort: number;
  readonly label: string;
  readonly startsWithApp: boolean;
}
export interface ForwardRow extends ForwardFields {
  readonly id: string;
  readonly machineName: string;
}

const columns = {
  id: portForwards.id,
  machineId: portForwards.machineId,
  machineName: machines.name,
  kind: portForwards.kind,
  bindAddress: portForwards.bindAddress,
  bindPort: portForwards.bindPort,
  targetHost: portForwards.targetHost,
  targetPort: portForwards.targetPort,
  label: portForwards.label,
  startsWithApp: portForwards.startsWithApp,
};

/** Of machines that were not removed, by machine and port. */
export function allForwards({ database }: Pick<CoreContext, 'database'>): ForwardRow[] {
  return database.db
    .select(columns)
    .from(portForwards)
    .innerJoin(machines, eq(machines.id, portForwards.machineId))
    .where(isNull(machines.deletedAt))
    .orderBy(asc(machines.name), asc(portForwards.bindPort), asc(portForwards.id))
    .all();
}

/** @throws AppError not_found */
export function forwardById({ database }: Pick<CoreContext, 'database'>, id: string): ForwardRow {
  const row = database.db
    .select(columns)
    .from(portForwards)
    .innerJoin(machines, eq(machines.id, portForwards.machineId))
    .where(and(eq(portForwards.id, id), isNull(machines.deletedAt)))
    .get();
  if (!row) throw new AppError('not_found', 'There is no such forward', { id });
  return row;
}

/** @returns its id */
export function saveForward(context: CoreContext, fields: ForwardFields, id: string | undefined): string {
  const now = isoNow(context);
  const { db } = context.database;
  if (id === undefined) {
    const made = newId();
    db.insert(portForwards)
      .values({ id: made, ...fields, createdAt: now, updatedAt: now })
      .run();
    return made;
  }
  const { changes } = db
    .update(portForwards)
    .set({ ...fields, updatedAt: now })
    .where(eq(portForwards.id, id))
    .run();
  if (changes === 0) throw new AppError('not_found', 'There is no such forward', { id });
  return id;
}

export function removeForward({ database }: Pick<CoreContext, 'database'>, id: string): void {
  database.db.delete(portForwards).where(eq(portForwards.id, id)).run();
}

const sentences = {
  'forward.started': 'A port forward was started.',
  'forward.stopped': 'A port forward was stopped.',
  'forward.failed': 'A port forward failed.',
} as const;

export function recordForwardEvent(
  context: CoreContext,
  forward: ForwardRow,
  eventType: keyof typeof sentences,
  more: { readonly actorType: 'user' | 'system'; readonly kind?: string },
): void {
  const { kind, bindAddress, bindPort, targetHost, targetPort } = forward;
  context.database.tx(() => {
    recordEvent(context, {
      machineId: forward.machineId,
      eventType,
      severity: eventType === 'forward.failed' ? 'warning' : 'info',
      actorType: more.actorType,
      message: sentences[eventType],
      data: {
        direction: kind,
        from: `${bindAddress}:${bindPort}`,
        to: `${targetHost}:${targetPort}`,
        ...(more.kind === undefined ? {} : { kind: more.kind }),
      },
    });
  });
}
