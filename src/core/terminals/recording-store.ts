import { and, desc, eq, isNull } from 'drizzle-orm';
import { z } from 'zod';
import { recordingEnds, type Recording } from '../../shared/contract/recordings.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { rawArtifacts, sshTerminalSessions } from '../db/schema/index.ts';
import { recordEvent } from '../events/index.ts';
import { readSetting, writeSetting } from '../settings/index.ts';

const BY_DEFAULT = 'terminals.recordByDefault';
const mostListed = 500;

/** What the artifact of a recording says beside its columns. */
const metadata = z.object({
  sessionId: z.string(),
  machineName: z.string(),
  durationMs: z.number().nullable(),
  end: z.enum(recordingEnds).nullable(),
  redactedSecrets: z.number().int(),
});
type Metadata = z.output<typeof metadata>;

export const recordsByDefault = (context: Pick<CoreContext, 'database'>): boolean =>
  readSetting(context, BY_DEFAULT, z.boolean(), false);

export function setRecordsByDefault(context: CoreContext, on: boolean): void {
  context.database.tx(() => {
    writeSetting(context, BY_DEFAULT, on);
    recordEvent(context, {
      machineId: null,
      eventType: on ? 'recording.default_on' : 'recording.default_off',
      severity: 'info',
      actorType: 'user',
      message: on ? 'Terminals are recorded from now on.' : 'Terminals are no longer recorded by themselves.',
    });
  });
}

export interface NewRecording {
  readonly id: string;
  readonly sessionId: string;
  readonly machineId: string;
  readonly machineName: string;
  /** Relative to the data directory. */
  readonly path: string;
  readonly redactedSecrets: number;
}

/** The artifact, its session and the event of it, in one transaction; bytes and hash come with the end. */
export function recordBegun(
  context: CoreContext,
  recording: NewRecording,
  actorType: 'user' | 'system',
): void {
  const { id, sessionId, machineId, machineName, path, redactedSecrets } = recording;
  const more: Metadata = { sessionId, machineName, durationMs: null, end: null, redactedSecrets };
  context.database.tx(() => {
    const { db } = context.database;
    db.insert(rawArtifacts)
      .values({
        id,
        machineId,
        kind: 'recording',
        path,
        createdAt: isoNow(context),
        redacted: true,
        retentionPolicy: 'default',
        metadataJson: JSON.stringify(more),
      })
      .run();
    db.update(sshTerminalSessions)
      .set({ recordingEnabled: true, rawArtifactId: id })
      .where(eq(sshTerminalSessions.id, sessionId))
      .run();
    recordEvent(context, {
      machineId,
      eventType: 'recording.started',
      severity: 'info',
      actorType,
      message: 'The recording of a terminal began.',
      data: { sessionId, recordingId: id },
    });
  });
}

/** What the file came to. */
export function recordFinished(
  context: CoreContext,
  id: string,
  file: { bytes: number; sha256: string },
  ending: Pick<Metadata, 'durationMs' | 'end'>,
): void {
  const { db } = context.database;
  const row = db.select().from(rawArtifacts).where(eq(rawArtifacts.id, id)).get();
  if (!row) return;
  db.update(rawArtifacts)
    .set({
      ...file,
      metadataJson: JSON.stringify({ ...metadata.parse(fromJson(row.metadataJson, {})), ...ending }),
    })
    .where(eq(rawArtifacts.id, id))
    .run();
}

const unfinished = and(
  eq(rawArtifacts.kind, 'recording'),
  isNull(rawArtifacts.sha256),
  isNull(rawArtifacts.deletedAt),
);

/** Recordings that a former process began and did not end. */
export const leftUnfinished = ({ database }: Pick<CoreContext, 'database'>): { id: string; path: string }[] =>
  database.db
    .select({ id: rawArtifacts.id, path: rawArtifacts.path })
    .from(rawArtifacts)
    .where(unfinished)
    .all();

export function listRecordings({ database }: Pick<CoreContext, 'database'>): Recording[] {
  return database.db
    .select()
    .from(rawArtifacts)
    .where(and(eq(rawArtifacts.kind, 'recording'), isNull(rawArtifacts.deletedAt)))
    .orderBy(desc(rawArtifacts.createdAt))
    .limit(mostListed)
    .all()
    .map((row) => {
      const { durationMs, end, ...more } = metadata.parse(fromJson(row.metadataJson, {}));
      return {
        id: row.id,
        machineId: row.machineId,
        startedAt: row.createdAt,
        sizeBytes: row.bytes ?? 0,
        sha256: row.sha256,
        durationMs,
        end,
        ...more,
      };
    });
}

/** @throws AppError not_found */
export function recordingPath({ database }: Pick<CoreContext, 'database'>, id: string): string {
  const row = database.db
    .select({ path: rawArtifacts.path })
    .from(rawArtifacts)
    .where(and(eq(rawArtifacts.id, id), eq(rawArtifacts.kind, 'recording'), isNull(rawArtifacts.deletedAt)))
    .get();
  if (!row) throw new AppError('not_found', 'There is no such recording', { id });
  return row.path;
}

export function recordRemoved(context: CoreContext, id: string, reason: 'user' | 'missing'): void {
  const { db } = context.database;
  context.database.tx(() => {
    const row = db.select().from(rawArtifacts).where(eq(rawArtifacts.id, id)).get();
    db.update(rawArtifacts)
      .set({ deletedAt: isoNow(context), deleteReason: reason })
      .where(eq(rawArtifacts.id, id))
      .run();
    db.update(sshTerminalSessions)
      .set({ rawArtifactId: null })
      .where(eq(sshTerminalSessions.rawArtifactId, id))
      .run();
    recordEvent(context, {
      machineId: row?.machineId ?? null,
      eventType: 'recording.removed',
      severity: 'info',
      actorType: reason === 'user' ? 'user' : 'system',
      message: 'A recording of a terminal was deleted.',
      data: { recordingId: id },
    });
  });
}

/** Where a new recording lies: a directory a month. */
export function newRecordingPlace(context: Pick<CoreContext, 'now'>): { id: string; path: string } {
  const id = newId();
  return { id, path: `recordings/${context.now().toISOString().slice(0, 7)}/${id}.cast` };
}
