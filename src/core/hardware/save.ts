import { currentSchemaVersion } from '../../shared/domain/json-contract.ts';
import type { MachineProbe } from '../../shared/domain/probe.ts';
import { updateSnapshotSchema, type UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import type { SnapshotStatus } from '../../shared/domain/unions.ts';
import { recordArtifact, writeDataFile } from '../artifacts/index.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { recordEvent } from '../events/index.ts';
import { clearContactError, markSeen } from '../fleet/index.ts';
import { updateMachine } from '../machines/index.ts';
import { insertSnapshot } from '../snapshots/index.ts';
import { forgetMetrics, keepBeginnings, recordMetrics, type Look } from './metrics.ts';
import { hardwareProfile } from './profile.ts';
import * as store from './store.ts';
import { findingsOf } from './warnings.ts';

type ProbeSnapshot = UpdateSnapshot & { readonly probe: MachineProbe };

export interface NewProbe {
  readonly snapshot: ProbeSnapshot;
  /** What the host printed, with secrets redacted. */
  readonly rawOutput: string;
  readonly jobId: string;
}

const lookOf = (id: string, snapshot: ProbeSnapshot): Look => ({
  machineId: snapshot.machineId,
  snapshotId: id,
  at: snapshot.checkedAt,
  machineKind: snapshot.machineKind,
  host: snapshot.host,
  probe: snapshot.probe,
});

/**
 * Archives a probe with its raw output and derives tables, tile and events from it in one transaction. Returns the id of the
 * snapshot and how many warnings it has itself. Publishing is the caller's.
 */
export async function saveProbe(
  context: CoreContext,
  { snapshot, rawOutput, jobId }: NewProbe,
): Promise<{ snapshotId: string; warnings: number }> {
  const id = newId();
  const { machineId, probe, host, os, machineKind } = snapshot;
  const findings = findingsOf({
    load: probe.load,
    threads: probe.processor.threads,
    memory: probe.memory,
    filesystems: probe.filesystems,
    isContainer: machineKind === 'lxc',
    probe,
  });
  const status: SnapshotStatus = findings.length > 0 || (snapshot.errors ?? []).length > 0 ? 'warning' : 'ok';
  const whole = updateSnapshotSchema.parse({ ...snapshot, status });
  const raw = await writeDataFile(context, `artifacts/${id}.txt`, rawOutput);
  context.database.tx(() => {
    const rawArtifactId = recordArtifact(context, machineId, 'raw_log', raw, { policy: 'short' });
    insertSnapshot(context, {
      id,
      machineId,
      kind: 'machine_probe',
      schemaVersion: currentSchemaVersion,
      createdAt: snapshot.checkedAt,
      status,
      payloadJson: JSON.stringify(whole),
      importantJson: JSON.stringify({ status, findings, gaps: probe.gaps, errors: snapshot.errors ?? [] }),
      rawLogPath: raw.path,
      rawArtifactId,
      sourceJobId: jobId,
    });
    deriveHardware(context, id, snapshot);
    updateMachine(context, machineId, {
      ...(os.family !== 'unknown' && {
        osFamily: os.family,
        osVersion: os.version || null,
        osCodename: os.codename ?? null,
      }),
      ...(host?.architecture !== undefined && { arch: host.architecture }),
      ...(host?.virtualization !== undefined && { virtualization: host.virtualization }),
      ...(machineKind !== undefined && machineKind !== 'unknown' && { machineKind }),
      hardwareProfile: hardwareProfile(machineKind ?? 'unknown', probe),
    });
    markSeen(context, machineId);
    clearContactError(context, machineId);
    recordMetrics(context, lookOf(id, snapshot));
    recordEvent(context, {
      machineId,
      eventType: 'machine.probed',
      severity: 'info',
      actorType: 'system',
      snapshotId: id,
      jobId,
      message: `Hardware read, ${findings.length} warnings.`,
      data: { warnings: findings.length },
    });
  });
  return { snapshotId: id, warnings: findings.length };
}

/** The row that lists and filters read; also used to make it again. */
function deriveHardware(
  context: CoreContext,
  snapshotId: string,
  { machineId, probe, checkedAt }: Pick<ProbeSnapshot, 'machineId' | 'probe' | 'checkedAt'>,
): void {
  const { processor, memory, firmware } = probe;
  store.putHardware(context, {
    machineId,
    probeSnapshotId: snapshotId,
    cpuModel: processor.model,
    cpuCores: processor.cores ?? processor.threads,
    memoryBytes: memory?.totalBytes ?? null,
    gpusJson: JSON.stringify(probe.graphics),
    disksJson: probe.disks === null ? null : JSON.stringify(probe.disks),
    networkJson: probe.interfaces === null ? null : JSON.stringify(probe.interfaces),
    firmwareJson: JSON.stringify(firmware),
    driverJson: JSON.stringify(
      (probe.interfaces ?? []).flatMap(({ name, driver }) => (driver === null ? [] : [{ name, driver }])),
    ),
    warningsJson: JSON.stringify(
      findingsOf({
        load: null,
        threads: null,
        memory: null,
        filesystems: null,
        isContainer: true,
        probe,
      }),
    ),
    updatedAt: checkedAt,
  });
}

/** Looks that are read again for a machine: enough for what is true now, few enough for a large fleet. */
const LOOKS = 20;

/** Makes the derived rows of a machine again from its archived looks; points of the history that are there stay. */
export function rebuildHardware(context: CoreContext, machineId: string): void {
  const former = forgetMetrics(context, machineId);
  for (const { id, createdAt, json } of store.recentLooks(context, machineId, LOOKS)) {
    const told = JSON.parse(json) as Record<string, unknown>;
    const { host, probe, machineKind } = lookSchema.parse(
      Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
    );
    const look = { machineId, snapshotId: id, at: createdAt, machineKind, host, probe: probe ?? null };
    recordMetrics(context, look, { quiet: true });
    if (probe) deriveHardware(context, id, { machineId, probe, checkedAt: createdAt });
  }
  keepBeginnings(context, machineId, former);
}

const lookSchema = updateSnapshotSchema.pick({ host: true, probe: true, machineKind: true });
