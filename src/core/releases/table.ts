import { z } from 'zod';
import type { OsFamily } from '../../shared/domain/unions.ts';
import lists from '../../../resources/releases.json' with { type: 'json' };

const day = z.iso.date().nullable();
const releaseSchema = z.strictObject({
  version: z.string(),
  codename: z.string(),
  /** Null: not released, or not known. */
  released: day,
  endOfSupport: day,
  /** End of the free successor programme, where there is one. */
  endOfLts: day,
  /** End of what is only for those who pay or register. */
  endOfExtended: day,
});
const listSchema = z.strictObject({
  /** Where the dates come from. */
  source: z.string(),
  /** The day on which they were true. */
  asOf: z.iso.date(),
  releases: z.array(releaseSchema),
});
const tableSchema = z.strictObject({
  debian: listSchema,
  ubuntu: listSchema,
  proxmox: listSchema,
  raspbian: listSchema,
});
export type Release = z.output<typeof releaseSchema>;

/** `resources/releases.json`: when releases get their last updates, by family. */
export const releaseTable: Record<
  Exclude<OsFamily, 'unknown'>,
  z.output<typeof listSchema>
> = tableSchema.parse(lists);

export interface OsVersion {
  readonly family: OsFamily;
  /** VERSION_ID; for Proxmox VE its own version, `8.4.1`. */
  readonly version: string | null;
  readonly codename: string | null;
}

/** The table's entry, or undefined for what is not in it: derivatives with names of their own among others. */
export function findRelease({ family, version, codename }: OsVersion): Release | undefined {
  if (family === 'unknown') return undefined;
  const { releases } = releaseTable[family];
  // Proxmox VE counts by itself and shares its code name with the Debian that it is made from.
  if (family === 'proxmox') {
    const major = version?.split('.')[0];
    return releases.find((release) => release.version === major);
  }
  if (codename !== null) return releases.find((release) => release.codename === codename);
  return releases.find((release) => release.version === version);
}
