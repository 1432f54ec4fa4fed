import { and, desc, eq, inArray } from 'drizzle-orm';
import { z } from 'zod';
import type { TerminalSession } from '../../shared/contract/terminals.ts';
import type { TerminalStatus } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { machines, sshTerminalSessions } from '../db/schema/index.ts';
import { recordEvent } from '../events/index.ts';
import { readSetting, writeSetting } from '../settings/index.ts';

const ENABLED = 'terminals.enabled';
/** Ended sessions that a window is told of. */
const RECENT = 30;

export const areEnabled = (context: Pick<CoreContext, 'database'>): boolean =>
  readSetting(context, ENABLED, z.boolean(), true);

export function setEnabled(context: CoreContext, enabled: boolean): void {
  context.database.tx(() => {
    writeSetting(context, ENABLED, enabled);
    recordEvent(context, {
      machineId: null,
      eventType: enabled ? 'terminal.allowed' : 'terminal.forbidden',
      severity: 'info',
      actorType: 'user',
      message: enabled ? 'Terminals were allowed.' : 'Terminals were switched off.',
    });
  });
}

export interface Opened {
  readonly id: string;
  readonly machineId: string;
  readonly username: string;
}

/** The row and its event, in one transaction. */
export function recordOpened(context: CoreContext, session: Opened): void {
  context.database.tx(() => {
    context.database.db
      .insert(sshTerminalSessions)
      .values({ ...session, openedBy: 'user', openedAt: isoNow(context), status: 'open' })
      .run();
    recordEvent(context, {
      machineId: session.machineId,
      eventType: 'terminal.opened',
      severity: 'info',
      actorType: 'user',
      message: `A terminal was opened as ${session.username}.`,
      data: { sessionId: session.id, user: session.username },
    });
  });
  context.bus.publish('terminals.changed', {});
}

export interface Ended {
  readonly status: Exclude<TerminalStatus, 'open'>;
  /** The kind of the error, for `error`. */
  readonly kind: string | null;
  /** Counts only, never content. */
  readonly metadata: Record<string, number | string | null>;
  readonly actorType: 'user' | 'system';
}

/** What the timeline says of each end. */
const endings = {
  closed: { severity: 'info', message: 'A terminal was closed.' },
  error: { severity: 'warning', message: 'A terminal ended with an error.' },
  killed: { severity: 'info', message: 'A terminal was ended by force.' },
} as const;

export function recordEnded(context: CoreContext, session: Opened, end: Ended): void {
  const { severity, message } = endings[end.status];
  context.database.tx(() => {
    const { changes } = context.database.db
      .update(sshTerminalSessions)
      .set({
        status: end.status,
        closedAt: isoNow(context),
        lastError: end.kind,
        metadataJson: JSON.stringify(end.metadata),
      })
      .where(and(eq(sshTerminalSessions.id, session.id), eq(sshTerminalSessions.status, 'open')))
      .run();
    // Its machine was purged meanwhile: the row went with it, and an event would have nothing to stand under.
    if (changes === 0) return;
    recordEvent(context, {
      machineId: session.machineId,
      eventType: `terminal.${end.status}`,
      severity,
      actorType: end.actorType,
      message,
      data: { sessionId: session.id, ...(end.kind === null ? {} : { kind: end.kind }) },
    });
  });
  context.bus.publish('terminals.changed', {});
}

/** What a former process left open is over; when it ended nobody saw, so that stays unknown. Returns how many there were. */
export function endLeftOpen(context: CoreContext): number {
  return context.database.db
    .update(sshTerminalSessions)
    .set({ status: 'killed', metadataJson: JSON.stringify({ reason: 'application_ended' }) })
    .where(eq(sshTerminalSessions.status, 'open'))
    .run().changes;
}

/** Open ones first, then the last that ended. */
export function recentSessions({ database }: Pick<CoreContext, 'database'>): TerminalSession[] {
  const read = (statuses: readonly TerminalStatus[], limit: number) =>
    database.db
      .select({
        id: sshTerminalSessions.id,
        machineId: sshTerminalSessions.machineId,
        machineName: machines.name,
        username: sshTerminalSessions.username,
        openedAt: sshTerminalSessions.openedAt,
        closedAt: sshTerminalSessions.closedAt,
        status: sshTerminalSessions.status,
      })
      .from(sshTerminalSessions)
      .innerJoin(machines, eq(machines.id, sshTerminalSessions.machineId))
      .where(inArray(sshTerminalSessions.status, [...statuses]))
      .orderBy(desc(sshTerminalSessions.openedAt))
      .limit(limit)
      .all();
  return [...read(['open'], 1000), ...read(['closed', 'error', 'killed'], RECENT)];
}
