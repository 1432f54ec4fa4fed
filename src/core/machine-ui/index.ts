import { eq, inArray } from 'drizzle-orm';
import { z } from 'zod';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { MachineUi } from '../../shared/contract/machine-ui.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { machines, machineUiState } from '../db/schema/index.ts';
import { changedIds } from '../watch.ts';

type Row = typeof machineUiState.$inferSelect;

const storedSections = z.record(z.string(), z.boolean());

const uiOf = (row: Row): MachineUi => {
  const sections = storedSections.safeParse(fromJson<unknown>(row.sectionsOpenJson, {}));
  return {
    machineId: row.machineId,
    tileMode: row.tileMode,
    lastTab: row.lastActiveTab,
    sections: sections.success ? sections.data : {},
  };
};

/** How machines were left in the interface, for every window; kept with the machine and gone with it. */
export function machineUiHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'machineUi.set' | 'machineUi.watch'> {
  const { db } = context.database;
  const read = (machineId: string): Row | undefined =>
    db.select().from(machineUiState).where(eq(machineUiState.machineId, machineId)).get();
  return {
    'machineUi.set': ({ machineId, tileMode, lastTab, sections }) => {
      context.database.tx(() => {
        if (!db.select({ id: machines.id }).from(machines).where(eq(machines.id, machineId)).get()) {
          throw new AppError('not_found', 'No such machine', { id: machineId });
        }
        const row = read(machineId);
        const next = {
          tileMode: tileMode === undefined ? (row?.tileMode ?? null) : tileMode,
          lastActiveTab: lastTab ?? row?.lastActiveTab ?? null,
          sectionsOpenJson: JSON.stringify({ ...(row ? uiOf(row).sections : {}), ...sections }),
          updatedAt: isoNow(context),
        };
        db.insert(machineUiState)
          .values({ machineId, ...next })
          .onConflictDoUpdate({ target: machineUiState.machineId, set: next })
          .run();
      });
      context.bus.publish('machine-ui.changed', { machineId });
      return {};
    },
    'machineUi.watch': async function* (_input, { signal }) {
      const changes = changedIds(context.bus, 'machine-ui.changed', ({ machineId }) => [machineId], signal);
      let isFirst = true;
      for await (const ids of changes) {
        const rows = isFirst
          ? db.select().from(machineUiState).all()
          : db
              .select()
              .from(machineUiState)
              .where(inArray(machineUiState.machineId, [...ids]))
              .all();
        isFirst = false;
        yield { machines: rows.map(uiOf) };
      }
    },
  };
}
