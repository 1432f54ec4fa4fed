import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { FleetFigures, FleetRow, Tag } from '../../shared/contract/models.ts';
import type { ErrorData } from '../../shared/domain/errors.ts';
import type { HostKeyStatus } from '../../shared/domain/unions.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { machineHostKeys, machines, machineState, machineTags, tags } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database'>;

/** Machines that are not removed, with what their tiles show. `ids` narrows to some of them. */
export function fleetRows(context: Ctx, ids?: readonly string[]): FleetRow[] {
  const { db } = context.database;
  const some = ids ? inArray(machines.id, [...ids]) : undefined;
  const rows = db
    .select()
    .from(machines)
    .leftJoin(machineState, eq(machineState.machineId, machines.id))
    .where(and(isNull(machines.deletedAt), some))
    .all();
  const tagsOf = groupTags(
    db
      .select({ machineId: machineTags.machineId, id: tags.id, name: tags.name, color: tags.color })
      .from(machineTags)
      .innerJoin(tags, eq(tags.id, machineTags.tagId))
      .where(ids ? inArray(machineTags.machineId, [...ids]) : undefined)
      .all(),
  );
  const keysOf = worstKeys(
    db
      .select({
        machineId: machineHostKeys.machineId,
        hostname: machineHostKeys.hostname,
        port: machineHostKeys.port,
        status: machineHostKeys.status,
      })
      .from(machineHostKeys)
      .where(ids ? inArray(machineHostKeys.machineId, [...ids]) : undefined)
      .all(),
  );
  return rows.map(({ machines: machine, machine_state: state }) => ({
    id: machine.id,
    name: machine.name,
    hostname: machine.hostname,
    port: machine.port,
    username: machine.username,
    osFamily: machine.osFamily,
    osVersion: machine.osVersion,
    osCodename: machine.osCodename,
    arch: machine.arch,
    machineKind: machine.machineKind ?? 'unknown',
    status: machine.status,
    hostKeyStatus: keysOf.get(`${machine.id} ${machine.hostname} ${machine.port}`) ?? 'unknown',
    tags: tagsOf.get(machine.id) ?? [],
    lastSeenAt: machine.lastSeenAt,
    createdAt: machine.createdAt,
    state: {
      aptStatus: (state?.aptStatus ?? null) as FleetRow['state']['aptStatus'],
      updatesCount: state?.aptUpdatesCount ?? null,
      securityCount: state?.aptSecurityCount ?? null,
      rebootRequired: state?.aptRebootRequired ?? null,
      rebootEvidence: fromJson<FleetRow['state']['rebootEvidence']>(state?.rebootEvidenceJson ?? null, null),
      analyzedAt: state?.aptLastAnalyzeAt ?? null,
      listsAt: state?.aptListsAt ?? null,
      load1: state?.cpuLoad1 ?? null,
      memoryUsedPercent: state?.memoryUsedPercent ?? null,
      rootUsedPercent: state?.rootUsedPercent ?? null,
      runningJobId: state?.runningJobId ?? null,
      runningAction: state?.runningAction ?? null,
      runningPercent: state?.runningProgressPercent ?? null,
      runningStep: state?.runningStep ?? null,
      lastError: state?.lastErrorKind
        ? {
            kind: state.lastErrorKind,
            message: state.lastErrorMessage ?? '',
            data: fromJson<ErrorData>(state.lastErrorDataJson, {}),
          }
        : null,
      updatedAt: state?.updatedAt ?? machine.updatedAt,
    },
  }));
}

function groupTags(rows: { machineId: string; id: string; name: string; color: string | null }[]) {
  const grouped = new Map<string, Tag[]>();
  for (const { machineId, id, name, color } of rows) {
    const list = grouped.get(machineId) ?? [];
    list.push({ id, name, color: color ?? '#808080' });
    grouped.set(machineId, list);
  }
  return grouped;
}

/** By machine and address: a changed or rejected key outweighs an approved one, an approved one outweighs an unknown one. */
function worstKeys(
  rows: { machineId: string | null; hostname: string; port: number; status: HostKeyStatus }[],
) {
  const weight: Record<HostKeyStatus, number> = { changed: 3, approved: 2, rejected: 1, unknown: 0 };
  const worst = new Map<string, HostKeyStatus>();
  for (const { machineId, hostname, port, status } of rows) {
    if (machineId === null) continue;
    const key = `${machineId} ${hostname} ${port}`;
    const known = worst.get(key);
    if (known === undefined || weight[status] > weight[known]) worst.set(key, status);
  }
  return worst;
}

/** The figures strip, counted from the rows themselves so that strip and tiles can never disagree. */
export function figuresOf(rows: readonly FleetRow[]): FleetFigures {
  const figures: FleetFigures = {
    machines: rows.length,
    withUpdates: 0,
    updates: 0,
    withSecurity: 0,
    security: 0,
    rebootRequired: 0,
    errors: 0,
    unreachable: 0,
    neverChecked: 0,
    running: 0,
  };
  for (const { status, state } of rows) {
    if (state.updatesCount) figures.withUpdates++;
    figures.updates += state.updatesCount ?? 0;
    if (state.securityCount) figures.withSecurity++;
    figures.security += state.securityCount ?? 0;
    if (state.rebootRequired) figures.rebootRequired++;
    if (status === 'unreachable') figures.unreachable++;
    else if (state.lastError !== null || status === 'blocked' || status === 'error') figures.errors++;
    if (state.analyzedAt === null) figures.neverChecked++;
    if (state.runningJobId !== null) figures.running++;
  }
  return figures;
}
