import { parsed, unparseable, type Parsed } from './parsed.ts';

export interface PlanSizes {
  /** True bytes to fetch over the network; local archives and what is in the cache count 0. */
  readonly downloadBytes: number;
  readonly files: number;
  /** Change of used space as APT rounds it (four digits), negative when freed; null when it does not say. */
  readonly diskBytes: number | null;
}

const units: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Reads `apt-get --print-uris -q -y dist-upgrade`: lines `'URI' FILE BYTES HASH` and the sentence on disk space. */
export function parseSizes(text: string): Parsed<PlanSizes> {
  let downloadBytes = 0;
  let files = 0;
  let diskBytes: number | null = null;
  for (const line of text.split('\n')) {
    const disk =
      /^After this operation, ([\d.,]+) ([kMGT]?B) (of additional disk space will be used|disk space will be freed)\.$/.exec(
        line,
      );
    if (disk) {
      const bytes = Math.round(Number((disk[1] ?? '').replaceAll(',', '')) * (units[disk[2] ?? ''] ?? NaN));
      if (!Number.isSafeInteger(bytes)) return unparseable('The disk space cannot be read', { line });
      diskBytes = disk[3]?.endsWith('freed') ? 0 - bytes : bytes;
      continue;
    }
    if (!line.startsWith("'")) continue;
    const uri = /^'([a-z0-9+]+):[^']*' (\S+) (\d+)(?: \S*)?$/i.exec(line);
    if (!uri) return unparseable('An address to fetch cannot be read', { line: line.slice(0, 300) });
    files += 1;
    if (uri[1] !== 'file' && uri[1] !== 'copy' && uri[1] !== 'cdrom') downloadBytes += Number(uri[3]);
  }
  if (!Number.isSafeInteger(downloadBytes)) return unparseable('The sizes add up to no number');
  return parsed({ downloadBytes, files, diskBytes: diskBytes === 0 ? 0 : diskBytes });
}
