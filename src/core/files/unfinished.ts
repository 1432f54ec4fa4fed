import { z } from 'zod';
import { nameConflict } from '../../shared/contract/files.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { readSetting, writeSetting } from '../settings/index.ts';

/** An upload as its sender asked for it. */
const request = z.object({
  id: z.string(),
  machineId: z.string(),
  directory: z.string(),
  name: z.string(),
  sizeBytes: z.number(),
  modifiedMs: z.number(),
  conflict: nameConflict,
});
const unfinished = z.object({
  machineId: z.string(),
  /** The file beside its place, `.homeport-….part`. */
  part: z.string(),
  /** When it was begun. */
  at: z.string(),
  /** Null: it is only to be taken away. */
  upload: z.object({ request, path: z.string() }).nullable(),
});
export type UploadRequest = z.output<typeof request>;
export type Unfinished = z.output<typeof unfinished>;

const key = 'files.unfinished';
/** More than are ever on their way; what is older than all of them is no longer known. */
const mostKept = 1_000;

/** What lies on machines under a name of ours until it is whole: kept in the database, so that a crash does not forget it. */
export interface UnfinishedFiles {
  all(): readonly Unfinished[];
  /** Those on a machine that nobody works on: an earlier start of the application left them, or they were given up. */
  leftOn(machineId: string): readonly Unfinished[];
  /** Before the part is made. */
  remember(one: Omit<Unfinished, 'at'>): void;
  /** An upload of an earlier start goes on. */
  takeUp(part: string): void;
  /** It could not be taken away now, and is when the machine is there again. */
  giveUp(part: string): void;
  /** It is in its place, or gone. */
  forget(part: string): void;
}

export function createUnfinishedFiles(context: CoreContext): UnfinishedFiles {
  let kept: readonly Unfinished[] = readSetting(context, key, z.array(unfinished), []);
  const keep = (next: readonly Unfinished[]): void => {
    kept = next;
    writeSetting(context, key, kept);
  };
  const worked = new Set<string>();
  return {
    all: () => kept,
    leftOn: (machineId) => kept.filter((one) => one.machineId === machineId && !worked.has(one.part)),
    remember(one) {
      worked.add(one.part);
      const others = kept.filter(({ part }) => part !== one.part);
      keep([...others, { ...one, at: isoNow(context) }].slice(-mostKept));
    },
    takeUp(part) {
      worked.add(part);
    },
    giveUp(part) {
      worked.delete(part);
      keep(kept.map((one) => (one.part === part ? { ...one, upload: null } : one)));
    },
    forget(part) {
      worked.delete(part);
      if (kept.some((one) => one.part === part)) keep(kept.filter((one) => one.part !== part));
    },
  };
}
