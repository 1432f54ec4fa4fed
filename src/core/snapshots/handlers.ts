import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { updateSnapshotSchema } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import { toFailure, toPlanned } from '../contract-shapes.ts';
import { machineById } from '../machines/index.ts';
import { latestAnalysis } from './store.ts';

export function snapshotHandlers(context: CoreContext): Pick<HomeportHandlers, 'snapshots.latest'> {
  return {
    'snapshots.latest': ({ machineId }) => {
      machineById(context, machineId);
      const row = latestAnalysis(context, machineId);
      if (!row) return { snapshot: null };
      const { apt, errors } = updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
      return {
        snapshot: {
          id: row.id,
          machineId,
          createdAt: row.createdAt,
          status: row.status,
          planHash: apt.planHash ?? null,
          upgradePlanHash: apt.upgradePlanHash ?? null,
          autoremovePlanHash: apt.autoremovePlanHash ?? null,
          distUpgrade: apt.packages.map(toPlanned),
          upgrade: (apt.upgradePackages ?? []).map(toPlanned),
          held: apt.held ?? [],
          keptBack: (apt.keptBack ?? []).map((p) => ({
            name: p.name,
            currentVersion: p.current,
            targetVersion: p.target,
            reason: p.reason,
          })),
          autoremovable: apt.autoremovable ?? [],
          autoremove: (apt.autoremovePackages ?? []).map(toPlanned),
          editedConffiles: apt.editedConffiles ?? [],
          pendingRepair: apt.pendingRepair ?? [],
          diskBytes: apt.diskBytes ?? null,
          downloadBytes: apt.downloadBytes ?? null,
          upgradeDownloadBytes: apt.upgradeDownloadBytes ?? null,
          listsAt: apt.listsUpdatedAt ?? null,
          errors: (errors ?? []).map(toFailure),
        },
      };
    },
  };
}
