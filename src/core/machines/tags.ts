import { asc, count, eq, sql } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CountedTag, Tag } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machineTags, tags } from '../db/schema/index.ts';
import { recordEvent } from '../events/index.ts';
import { changedIds } from '../watch.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
type Names = 'tags.list' | 'tags.watch' | 'tags.create' | 'tags.update' | 'tags.merge' | 'tags.remove';

const noColor = '#808080';
/** News of machines come many times a second while they work; the numbers of machines are counted this often. */
const watchGapMs = 250;
/** Colours that differ for colour-blind eyes (Paul Tol, "bright"); a tag always shows its name too. */
const palette = ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#bbbbbb'];

export function allTags(context: Ctx): CountedTag[] {
  return context.database.db
    .select({
      id: tags.id,
      name: tags.name,
      color: sql<string>`coalesce(${tags.color}, ${noColor})`,
      // Only machines of the fleet count: a removed one keeps its tags until it is purged.
      machineCount: sql<number>`(select count(*) from machine_tags mt join machines m on m.id = mt.machine_id
        where mt.tag_id = tags.id and m.deleted_at is null)`,
    })
    .from(tags)
    .orderBy(asc(sql`lower(${tags.name})`))
    .all();
}

/** @throws AppError conflict when another tag has that name, in whatever case */
function refuseTakenName(context: Ctx, name: string, exceptId: string | null): void {
  const taken = context.database.db
    .select({ id: tags.id })
    .from(tags)
    .where(sql`lower(${tags.name}) = ${name.toLowerCase()}`)
    .all();
  if (taken.some(({ id }) => id !== exceptId)) {
    throw new AppError('conflict', 'A tag of this name exists', { name });
  }
}

function tagById(context: Ctx, id: string): Tag {
  const row = context.database.db.select().from(tags).where(eq(tags.id, id)).get();
  if (!row) throw new AppError('not_found', 'No such tag', { tagId: id });
  return { id, name: row.name, color: row.color ?? noColor };
}

function insertTag(context: Ctx, name: string, color: string): Tag {
  const tag = { id: newId(), name, color };
  context.database.db
    .insert(tags)
    .values({ ...tag, createdAt: isoNow(context) })
    .run();
  return tag;
}

/** Ids of tags by name, in whatever case; those that are missing are made. Call it inside a transaction. */
export function tagIdsFor(context: Ctx, wanted: readonly { name: string; color: string | null }[]): string[] {
  const known = new Map(allTags(context).map((tag) => [tag.name.toLowerCase(), tag.id]));
  return wanted.map(({ name, color }) => {
    const id =
      known.get(name.toLowerCase()) ??
      insertTag(context, name, color ?? palette[known.size % palette.length] ?? noColor).id;
    known.set(name.toLowerCase(), id);
    return id;
  });
}

export function tagHandlers(context: CoreContext): Pick<HomeportHandlers, Names> {
  const { database, bus } = context;
  const { db } = database;
  const machinesOf = (tagId: string): string[] =>
    db
      .select({ id: machineTags.machineId })
      .from(machineTags)
      .where(eq(machineTags.tagId, tagId))
      .all()
      .map(({ id }) => id);
  const record = (eventType: string, message: string, data: Record<string, unknown>) =>
    recordEvent(context, { machineId: null, eventType, severity: 'info', actorType: 'user', message, data });
  /** Tiles show tags: every machine of the tag has news. Of a tag without machines, only the list of tags has. */
  const publish = (machineIds: readonly string[]) => {
    bus.publish('fleet.changed', { machineIds });
  };

  return {
    'tags.list': () => ({ tags: allTags(context) }),
    'tags.watch': async function* (_input, { signal }) {
      let told = '';
      for await (const _ of changedIds(bus, 'fleet.changed', () => ['all'], signal, watchGapMs)) {
        const all = allTags(context);
        const text = JSON.stringify(all);
        if (text === told) continue;
        told = text;
        yield all;
      }
    },
    'tags.create': ({ name, color }) => {
      refuseTakenName(context, name, null);
      const tag = insertTag(context, name, color);
      publish([]);
      return tag;
    },
    'tags.update': ({ id, name, color }) => {
      const before = tagById(context, id);
      const after = { id, name: name ?? before.name, color: color ?? before.color };
      refuseTakenName(context, after.name, id);
      database.tx(() => {
        db.update(tags).set({ name: after.name, color: after.color }).where(eq(tags.id, id)).run();
        if (after.name !== before.name)
          record('tag.renamed', `The tag ${before.name} is now ${after.name}.`, { name: after.name });
      });
      publish(machinesOf(id));
      return after;
    },
    'tags.merge': ({ id, intoId }) => {
      const from = tagById(context, id);
      const into = tagById(context, intoId);
      if (id === intoId) throw new AppError('invalid_input', 'A tag cannot be merged with itself', { id });
      const machineIds = machinesOf(id);
      const moved = database.tx(() => {
        const had = db.select({ n: count() }).from(machineTags).where(eq(machineTags.tagId, intoId)).get()?.n;
        for (const machineId of machineIds)
          db.insert(machineTags).values({ machineId, tagId: intoId }).onConflictDoNothing().run();
        db.delete(tags).where(eq(tags.id, id)).run();
        record('tag.merged', `The tag ${from.name} was merged into ${into.name}.`, { name: into.name });
        const has = db.select({ n: count() }).from(machineTags).where(eq(machineTags.tagId, intoId)).get()?.n;
        return (has ?? 0) - (had ?? 0);
      });
      publish(machineIds);
      return { moved };
    },
    'tags.remove': ({ id }) => {
      const { name } = tagById(context, id);
      const machineIds = machinesOf(id);
      database.tx(() => {
        db.delete(tags).where(eq(tags.id, id)).run();
        record('tag.removed', `The tag ${name} was deleted.`, { name });
      });
      publish(machineIds);
      return { machineIds };
    },
  };
}
