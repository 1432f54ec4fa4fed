import { AppError } from '../../shared/domain/errors.ts';
import { currentSchemaVersion, type SnapshotError } from '../../shared/domain/json-contract.ts';
import type { UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import { recordArtifact, writeDataFile } from '../artifacts/index.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { recordEvent } from '../events/index.ts';
import { errorColumns, markSeen, noError, patchState } from '../fleet/index.ts';
import { recordMetrics } from '../hardware/metrics.ts';
import { updateMachine } from '../machines/index.ts';
import { recordMessages, settleMessages, type NewMessage } from '../messages/index.ts';
import { supportComponent, supportMessages } from '../releases/index.ts';
import { stateFromSnapshot } from './derive.ts';
import { deriveFromSnapshot, insertSnapshot } from './store.ts';

export interface NewAnalysis {
  readonly snapshot: UpdateSnapshot;
  readonly messages: readonly NewMessage[];
  /** What the host printed, with secrets redacted. */
  readonly rawOutput: string;
  readonly jobId: string;
  readonly executionId?: string;
}

/**
 * Archives an analysis with its raw output and derives tables, tile, messages and event from it in one transaction.
 * Returns the snapshot's id. Publishing is the caller's.
 */
export async function saveAnalysis(context: CoreContext, analysis: NewAnalysis): Promise<string> {
  const { snapshot, jobId } = analysis;
  const id = newId();
  const { machineId, apt, os, host } = snapshot;
  const raw = await writeDataFile(context, `artifacts/${id}.txt`, analysis.rawOutput);
  context.database.relaxedTx(() => {
    const rawArtifactId = recordArtifact(context, machineId, 'raw_log', raw, { policy: 'short' });
    insertSnapshot(context, {
      id,
      machineId,
      kind: 'apt_update_analyze',
      schemaVersion: snapshot.schemaVersion ?? currentSchemaVersion,
      createdAt: snapshot.checkedAt,
      status: snapshot.status,
      payloadJson: JSON.stringify(snapshot),
      importantJson: JSON.stringify({
        status: snapshot.status,
        count: apt.count,
        errors: snapshot.errors ?? [],
      }),
      rawLogPath: raw.path,
      rawArtifactId,
      sourceJobId: jobId,
    });
    deriveFromSnapshot(context, id, snapshot, snapshot.checkedAt);
    updateMachine(context, machineId, {
      osFamily: os.family,
      osVersion: os.version || null,
      osCodename: os.codename ?? null,
      arch: host?.architecture ?? null,
      virtualization: host?.virtualization ?? null,
      machineKind: snapshot.machineKind ?? 'unknown',
    });
    markSeen(context, machineId);
    const worst = worstError(snapshot.errors ?? []);
    patchState(context, machineId, {
      ...stateFromSnapshot(snapshot),
      ...(worst ? errorColumns(worst) : noError),
    });
    recordMetrics(context, {
      machineId,
      snapshotId: id,
      at: snapshot.checkedAt,
      machineKind: snapshot.machineKind,
      host,
      probe: null,
    });
    const version = { family: os.family, version: os.version, codename: os.codename ?? null };
    const ofSupport = supportMessages(version, context.now());
    settleMessages(context, machineId, supportComponent, ofSupport);
    recordMessages(context, machineId, [...analysis.messages, ...ofSupport], { snapshotId: id });
    recordEvent(context, {
      machineId,
      eventType: 'machine.analyzed',
      severity: snapshot.status === 'error' ? 'error' : snapshot.status === 'warning' ? 'warning' : 'info',
      actorType: 'system',
      snapshotId: id,
      jobId,
      ...(analysis.executionId && { executionId: analysis.executionId }),
      message: `${apt.count} updates, ${apt.security ?? 0} of them security.`,
      data: { status: snapshot.status, updates: apt.count, security: apt.security ?? null },
    });
  });
  return id;
}

/** The error that the tile shows: errors before warnings, the first of each; what is only informative is none. */
export function worstError(errors: readonly SnapshotError[]): AppError | null {
  const worst = errors.find((e) => e.severity === 'error') ?? errors.find((e) => e.severity === 'warning');
  if (!worst) return null;
  return new AppError(worst.kind, worst.message, {
    ...worst.data,
    ...(worst.importantLines && { importantLines: worst.importantLines }),
  });
}
