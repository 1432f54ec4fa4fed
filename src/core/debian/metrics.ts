import type { HostFacts } from '../../shared/domain/snapshot.ts';
import { keyedLines } from './sections.ts';

type Filesystem = NonNullable<HostFacts['filesystems']>[number];
type Metrics = Pick<HostFacts, 'load' | 'memoryTotalBytes' | 'memoryAvailableBytes' | 'filesystems'>;

/** Reads the section `metrics`; what a machine does not tell stays absent. */
export function parseMetrics(text: string): Metrics {
  const lines = keyedLines(text);
  const metrics: { -readonly [K in keyof Metrics]: Metrics[K] } = {};
  const load = /^(\d+(?:\.\d+)?) (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)(?: |$)/.exec(
    lines.get('loadavg')?.[0] ?? '',
  );
  if (load) metrics.load = [Number(load[1]), Number(load[2]), Number(load[3])];
  const total = kibibytes(lines.get('MemTotal')?.[0]);
  if (total !== null) metrics.memoryTotalBytes = total;
  const available = kibibytes(lines.get('MemAvailable')?.[0]);
  if (available !== null) metrics.memoryAvailableBytes = available;
  const filesystems = parseFilesystems(text);
  if (filesystems.length > 0) metrics.filesystems = filesystems;
  return metrics;
}

/** Lines `df DEVICE BLOCKS USED AVAILABLE PERCENT MOUNT` of `df -Pk`, each file system once. */
export function parseFilesystems(text: string): Filesystem[] {
  const seen = new Map<string, Filesystem>();
  for (const line of text.split('\n')) {
    const match = /^df (\S.*?) +(\d+) +(\d+) +(-?\d+) +(\d+%|-) (\/.*)$/.exec(line.slice(0, 4096));
    if (!match) continue;
    const [size, used, available] = [match[2], match[3], match[4]].map(kibibytes);
    const device = match[1] ?? '';
    const mount = match[6] ?? '';
    if (size === null || size === undefined || size === 0 || used === null || used === undefined) continue;
    if (!seen.has(mount))
      seen.set(mount, { mount, device, sizeBytes: size, usedBytes: used, availableBytes: available ?? 0 });
  }
  return [...seen.values()];
}

function kibibytes(text: string | undefined): number | null {
  if (text === undefined || !/^\d+$/.test(text)) return null;
  const bytes = Number(text) * 1024;
  return Number.isSafeInteger(bytes) ? bytes : null;
}
