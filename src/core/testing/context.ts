import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBus } from '../bus.ts';
import type { CoreContext } from '../context.ts';
import { openMemoryDatabase } from '../db/testing.ts';
export { insertMachine } from './machines.ts';

/** A core context on a database in memory, for tests. `logged` collects what would go to the log. */
export function testContext(): CoreContext & { readonly logged: string[] } {
  const logged: string[] = [];
  return {
    database: openMemoryDatabase(),
    bus: createBus(),
    dataDir: mkdtempSync(join(tmpdir(), 'homeport-core-')),
    log: { info: () => undefined, error: (message) => logged.push(message) },
    now: () => new Date(),
    logged,
  };
}
