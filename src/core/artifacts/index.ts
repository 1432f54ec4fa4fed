import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactKind, RetentionPolicy } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { rawArtifacts } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now' | 'dataDir'>;

export interface WrittenFile {
  /** Relative to the data directory. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes a file under the data directory whole or not at all (temporary name, then rename), mode 0600. */
export async function writeDataFile(
  context: Ctx,
  path: string,
  content: string | Uint8Array,
): Promise<WrittenFile> {
  const target = join(context.dataDir, path);
  const data = Buffer.from(content);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const temporary = `${target}.${newId()}.new`;
  await writeFile(temporary, data, { mode: 0o600, flush: true });
  await rename(temporary, target);
  return { path, bytes: data.byteLength, sha256: createHash('sha256').update(data).digest('hex') };
}

/** Registers a file of the data directory; call it inside the transaction of what the file belongs to. Returns its id. */
export function recordArtifact(
  context: Ctx,
  machineId: string | null,
  kind: ArtifactKind,
  file: WrittenFile,
  options: { policy?: RetentionPolicy; redacted?: boolean; metadata?: Record<string, unknown> } = {},
): string {
  const id = newId();
  context.database.db
    .insert(rawArtifacts)
    .values({
      id,
      machineId,
      kind,
      path: file.path,
      bytes: file.bytes,
      sha256: file.sha256,
      createdAt: isoNow(context),
      redacted: options.redacted ?? true,
      retentionPolicy: options.policy ?? 'default',
      metadataJson: options.metadata ? JSON.stringify(options.metadata) : null,
    })
    .run();
  return id;
}
