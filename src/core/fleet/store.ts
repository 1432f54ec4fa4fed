import type { FleetFigures, FleetRow, Tag } from '../../shared/contract/models.ts';
import type { ErrorData, ErrorKind } from '../../shared/domain/errors.ts';
import { figureIds, isCounted } from '../../shared/domain/fleet-figures.ts';
import type {
  ActionType,
  HostKeyStatus,
  MachineKind,
  MachineStatus,
  OsFamily,
  SnapshotStatus,
} from '../../shared/domain/unions.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { supportOf } from '../releases/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

/** One machine with the columns that its tile shows; booleans are 0, 1 or null, as SQLite gives them. */
interface RawRow {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly osFamily: OsFamily;
  readonly osVersion: string | null;
  readonly osCodename: string | null;
  readonly arch: string | null;
  readonly machineKind: MachineKind | null;
  readonly groupName: string | null;
  readonly status: MachineStatus;
  readonly lastSeenAt: string | null;
  readonly createdAt: string;
  readonly machineUpdatedAt: string;
  readonly aptStatus: SnapshotStatus | null;
  readonly updatesCount: number | null;
  readonly securityCount: number | null;
  readonly rebootRequired: number | null;
  readonly rebootEvidenceJson: string | null;
  readonly attentionJson: string | null;
  readonly analyzedAt: string | null;
  readonly listsAt: string | null;
  readonly load1: number | null;
  readonly memoryUsedPercent: number | null;
  readonly rootUsedPercent: number | null;
  readonly hardwareWarningsJson: string | null;
  readonly runningJobId: string | null;
  readonly runningAction: ActionType | null;
  readonly runningPercent: number | null;
  readonly runningStep: string | null;
  readonly lastErrorKind: ErrorKind | null;
  readonly lastErrorMessage: string | null;
  readonly lastErrorDataJson: string | null;
  readonly updatedAt: string | null;
}

/** Plain SQL: this is the query of the first screen, and mapping 60 columns of 1,000 rows by hand-over costs more than reading them. */
const columns = `
  m.id, m.name, m.hostname, m.port, m.username, m.os_family as osFamily, m.os_version as osVersion,
  m.os_codename as osCodename, m.arch,
  coalesce(d.chosen_kind, m.machine_kind) as machineKind, d.group_name as groupName, m.status, m.last_seen_at as lastSeenAt,
  m.created_at as createdAt, m.updated_at as machineUpdatedAt, s.apt_status as aptStatus,
  s.apt_updates_count as updatesCount, s.apt_security_count as securityCount,
  s.apt_reboot_required as rebootRequired, s.reboot_evidence_json as rebootEvidenceJson,
  s.apt_attention_json as attentionJson, s.apt_last_analyze_at as analyzedAt, s.apt_lists_at as listsAt, s.cpu_load1 as load1,
  s.memory_used_percent as memoryUsedPercent, s.root_used_percent as rootUsedPercent,
  s.hardware_warnings_json as hardwareWarningsJson,
  s.running_job_id as runningJobId, s.running_action as runningAction,
  s.running_progress_percent as runningPercent, s.running_step as runningStep,
  s.last_error_kind as lastErrorKind, s.last_error_message as lastErrorMessage,
  s.last_error_data_json as lastErrorDataJson, s.updated_at as updatedAt`;

const some = (column: string) => `${column} in (select value from json_each(?))`;

/** Machines that are not removed, with what their tiles show. `ids` narrows to some of them. */
export function fleetRows(context: Ctx, ids?: readonly string[]): FleetRow[] {
  const { raw } = context.database;
  const query = <T>(sql: string, filter: string, joint: string): T[] =>
    ids
      ? (raw.prepare(`${sql} ${joint} ${some(filter)}`).all(JSON.stringify(ids)) as T[])
      : (raw.prepare(sql).all() as T[]);
  const rows = query<RawRow>(
    `select ${columns} from machines m left join machine_state s on s.machine_id = m.id
      left join machine_descriptions d on d.machine_id = m.id where m.deleted_at is null`,
    'm.id',
    'and',
  );
  const tagsOf = groupTags(
    query(
      `select mt.machine_id as machineId, t.id, t.name, t.color from machine_tags mt join tags t on t.id = mt.tag_id`,
      'mt.machine_id',
      'where',
    ),
  );
  const keysOf = worstKeys(
    query(
      `select machine_id as machineId, hostname, port, status from machine_host_keys`,
      'machine_id',
      'where',
    ),
  );
  const today = context.now();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    hostname: row.hostname,
    port: row.port,
    username: row.username,
    osFamily: row.osFamily,
    osVersion: row.osVersion,
    osCodename: row.osCodename,
    arch: row.arch,
    machineKind: row.machineKind ?? 'unknown',
    status: row.status,
    hostKeyStatus: keysOf.get(`${row.id} ${row.hostname} ${row.port}`) ?? 'unknown',
    tags: tagsOf.get(row.id) ?? [],
    group: row.groupName,
    lastSeenAt: row.lastSeenAt,
    createdAt: row.createdAt,
    support: supportOf({ family: row.osFamily, version: row.osVersion, codename: row.osCodename }, today),
    state: stateOf(row),
  }));
}

function stateOf(row: RawRow): FleetRow['state'] {
  const attention = fromJson<FleetRow['state']['attention'] | null>(row.attentionJson, null);
  return {
    aptStatus: row.aptStatus,
    updatesCount: row.updatesCount,
    securityCount: row.securityCount,
    rebootRequired: row.rebootRequired === null ? null : row.rebootRequired === 1,
    rebootEvidence: fromJson<FleetRow['state']['rebootEvidence']>(row.rebootEvidenceJson, null),
    ...(attention && { attention }),
    analyzedAt: row.analyzedAt,
    listsAt: row.listsAt,
    load1: row.load1,
    memoryUsedPercent: row.memoryUsedPercent,
    rootUsedPercent: row.rootUsedPercent,
    hardwareWarnings: fromJson<FleetRow['state']['hardwareWarnings']>(row.hardwareWarningsJson, null),
    runningJobId: row.runningJobId,
    runningAction: row.runningAction,
    runningPercent: row.runningPercent,
    runningStep: row.runningStep,
    lastError: row.lastErrorKind
      ? {
          kind: row.lastErrorKind,
          message: row.lastErrorMessage ?? '',
          data: fromJson<ErrorData>(row.lastErrorDataJson, {}),
        }
      : null,
    updatedAt: row.updatedAt ?? row.machineUpdatedAt,
  };
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
    machines: 0,
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
  for (const row of rows) {
    for (const id of figureIds) if (isCounted(id, row)) figures[id]++;
    figures.updates += row.state.updatesCount ?? 0;
    figures.security += row.state.securityCount ?? 0;
    if (row.state.runningJobId !== null) figures.running++;
  }
  return figures;
}
