import { asc, eq } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { Snippet } from '../../shared/contract/terminals.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { terminalSnippets } from '../db/schema/index.ts';
import { changedIds } from '../watch.ts';

/** All are sent to each window. */
const most = 500;
const keyOf = (name: string): string => name.normalize('NFC').toLocaleLowerCase();

export function snippets({ database }: Pick<CoreContext, 'database'>): Snippet[] {
  return database.db
    .select({ id: terminalSnippets.id, name: terminalSnippets.name, body: terminalSnippets.body })
    .from(terminalSnippets)
    .orderBy(asc(terminalSnippets.nameKey))
    .all();
}

export function snippetHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'snippets.watch' | 'snippets.save' | 'snippets.remove'> {
  const { database, bus } = context;
  return {
    'snippets.watch': async function* (_input, { signal }) {
      for await (const _ of changedIds(bus, 'snippets.changed', () => ['all'], signal)) {
        yield snippets(context);
      }
    },
    'snippets.save': ({ id = newId(), name, body }) => {
      const nameKey = keyOf(name);
      const now = isoNow(context);
      database.tx(() => {
        const others = snippets(context).filter((other) => other.id !== id);
        if (others.some((other) => keyOf(other.name) === nameKey)) {
          throw new AppError('conflict', 'Another snippet has this name', { name });
        }
        if (others.length >= most) {
          throw new AppError('conflict', `There are ${most} snippets already`, { most });
        }
        database.db
          .insert(terminalSnippets)
          .values({ id, name, nameKey, body, createdAt: now, updatedAt: now })
          .onConflictDoUpdate({ target: terminalSnippets.id, set: { name, nameKey, body, updatedAt: now } })
          .run();
      });
      bus.publish('snippets.changed', {});
      return { id, name, body };
    },
    'snippets.remove': ({ id }) => {
      const { changes } = database.db.delete(terminalSnippets).where(eq(terminalSnippets.id, id)).run();
      if (changes === 0) throw new AppError('not_found', 'No snippet has this id', { id });
      bus.publish('snippets.changed', {});
      return {};
    },
  };
}
