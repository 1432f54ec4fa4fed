import type { UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import type { StatePatch } from '../fleet/index.ts';
import { attentionOf } from './attention.ts';

/** Tile figures of a snapshot. What the host did not say stays null: unknown is not zero. */
export function stateFromSnapshot(snapshot: UpdateSnapshot): StatePatch {
  const { apt, host, status } = snapshot;
  const facts: StatePatch = {
    ...(host?.load && { cpuLoad1: host.load[0] }),
    ...(host?.memoryTotalBytes &&
      host.memoryAvailableBytes !== undefined && {
        memoryUsedPercent:
          (100 * (host.memoryTotalBytes - host.memoryAvailableBytes)) / host.memoryTotalBytes,
      }),
    ...rootUse(snapshot),
    ...(host?.load && { metricsLastCollectedAt: snapshot.checkedAt }),
  };
  // Without counts the last known figures stand, with the date at which they were true.
  // Whether a reboot is needed does not depend on them.
  const reboot = apt.enabled && apt.rebootEvidence ? rebootFacts(apt) : {};
  if (!apt.enabled || apt.distUpgradeCount === undefined) {
    return { aptStatus: 'error', aptAttentionJson: null, ...facts, ...reboot };
  }
  const attention = attentionOf(snapshot);
  // "Up to date" by old lists is no finding: nothing green comes from them.
  const isOld = status !== 'error' && attention?.some(({ code }) => code === 'lists_old');
  return {
    ...facts,
    ...rebootFacts(apt),
    aptStatus: isOld ? 'warning' : status,
    aptAttentionJson: attention && JSON.stringify(attention),
    aptUpdatesCount: apt.count,
    aptSecurityCount: apt.security ?? null,
    aptLastAnalyzeAt: snapshot.checkedAt,
    aptListsAt: apt.listsUpdatedAt ?? null,
  };
}

function rebootFacts(apt: UpdateSnapshot['apt']): StatePatch {
  const evidence = apt.rebootEvidence;
  return {
    aptRebootRequired: evidence ? evidence.required : apt.rebootRequired,
    rebootEvidenceJson: evidence
      ? JSON.stringify({
          reasons: evidence.reasons,
          files: evidence.files,
          packages: evidence.packages,
          runningKernel: evidence.runningKernel,
          newestKernel: evidence.newestKernel,
          ...(apt.servicesToRestart && { services: apt.servicesToRestart }),
          ...(apt.replacedLibraries && { libraries: apt.replacedLibraries }),
        })
      : null,
  };
}

function rootUse({ host }: UpdateSnapshot): StatePatch {
  const root = host?.filesystems?.find((fs) => fs.mount === '/');
  if (!root || root.usedBytes + root.availableBytes === 0) return {};
  // As df counts it: blocks kept for root are neither used nor available.
  return { rootUsedPercent: (100 * root.usedBytes) / (root.usedBytes + root.availableBytes) };
}
