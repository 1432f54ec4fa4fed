import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { until, type TestbedHost } from '../testbed/index.ts';

const kept = '/var/lib/kept-output';

/**
 * Makes a second name for the output of the run that goes on at a host, so that its bytes can be read there after the
 * application has cleaned up. Waits until there is a run.
 */
export async function keepOutput(host: TestbedHost): Promise<void> {
  await until(
    `a run on ${host.name} writes its output`,
    async () => ((await host.run(`ln -f /var/lib/homeport/runs/*/output ${kept}`)).code === 0 ? true : null),
    60_000,
  );
}

/** The bytes that the run wrote on the host. */
export const keptOutput = (host: TestbedHost): Promise<Buffer> => host.readFile(kept);

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The file under a folder that has exactly these bytes; null when there is none. */
export async function fileWith(folder: string, bytes: Buffer): Promise<string | null> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).equals(bytes)) return path;
  }
  return null;
}
