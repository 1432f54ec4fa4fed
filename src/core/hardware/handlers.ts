import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { HardwareDetail } from '../../shared/contract/hardware.ts';
import { updateSnapshotSchema } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import { machineById } from '../machines/index.ts';
import { changedIds } from '../watch.ts';
import * as store from './store.ts';

const GAP_MS = 100;

export function hardwareHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'hardware.get' | 'hardware.watch'> {
  return {
    'hardware.get': ({ machineId }) => detailOf(context, machineId),
    'hardware.watch': async function* ({ machineId }, { signal }) {
      const news = changedIds(context.bus, 'fleet.changed', (n) => n.machineIds, signal, GAP_MS);
      let known: string | null = null;
      for await (const ids of news) {
        if (known !== null && !ids.includes(machineId)) continue;
        // A tile changes many times while a job runs; here only a new look counts.
        const version = versionOf(context, machineId);
        if (version === known) continue;
        known = version;
        yield detailOf(context, machineId);
      }
    },
  };
}

function versionOf(context: CoreContext, machineId: string): string {
  const { collectedAt = '', warningsJson = '' } = store.latestMetrics(context, machineId) ?? {};
  return `${collectedAt} ${store.latestProbe(context, machineId)?.id ?? ''} ${warningsJson ?? ''}`;
}

function detailOf(context: CoreContext, machineId: string): HardwareDetail {
  machineById(context, machineId);
  const metrics = store.latestMetrics(context, machineId);
  const snapshot = store.latestProbe(context, machineId);
  const payload = snapshot ? updateSnapshotSchema.parse(JSON.parse(snapshot.payloadJson)) : null;
  return {
    machineId,
    probedAt: snapshot?.createdAt ?? null,
    probe: payload?.probe ?? null,
    host: payload?.host
      ? {
          kernel: payload.host.runningKernel ?? null,
          virtualization: payload.host.virtualization ?? null,
          architecture: payload.host.architecture ?? null,
        }
      : null,
    metrics: metrics
      ? {
          collectedAt: metrics.collectedAt,
          load1: metrics.cpuLoad1,
          load5: metrics.cpuLoad5,
          threads: metrics.cpuCores,
          memoryTotalBytes: metrics.memoryTotalBytes,
          memoryUsedBytes: metrics.memoryUsedBytes,
          memoryAvailableBytes: metrics.memoryAvailableBytes,
          memoryUsedPercent: metrics.memoryUsedPercent,
          rootUsedPercent: metrics.rootUsedPercent,
        }
      : null,
    warnings: store.warningsOf(metrics),
    history: store.history(context, machineId).map((point) => ({
      at: point.collectedAt,
      load1: point.cpuLoad1,
      memoryUsedPercent: point.memoryUsedPercent,
      rootUsedPercent: point.rootUsedPercent,
    })),
  };
}
