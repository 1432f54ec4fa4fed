import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machines } from '../db/schema/index.ts';
import { patchState } from '../fleet/index.ts';

/** Puts a machine in, as the add flow would. Returns its id. */
export function insertMachine(context: CoreContext, name: string, hostname = `${name}.test`): string {
  const id = newId();
  const now = context.now().toISOString();
  context.database.db
    .insert(machines)
    .values({
      id,
      name,
      hostname,
      osFamily: 'unknown',
      username: 'ops',
      status: 'unknown',
      createdAt: now,
      updatedAt: now,
    })
    .run();
  patchState(context, id, { status: 'unknown' });
  return id;
}
