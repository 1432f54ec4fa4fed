import { z } from 'zod';
import { errorKinds } from '../../domain/errors.ts';
import { errorSources } from '../../domain/unions.ts';

export const id = z.uuid();

export const isoDate = z.string();

export const errorKind = z.enum(errorKinds);

/** A failure as stored and shown: the text and remedy come from the catalogue by `kind`, filled from `data`. */
export const failure = z.object({
  kind: errorKind,
  source: z.enum(errorSources).optional(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Failure = z.output<typeof failure>;

export const tag = z.object({ id, name: z.string(), color: z.string() });
export type Tag = z.output<typeof tag>;

/** With the number of machines of the fleet that have it. */
export const countedTag = tag.extend({ machineCount: z.number().int() });
export type CountedTag = z.output<typeof countedTag>;

export const namedMachine = z.object({ id, name: z.string() });
export type NamedMachine = z.output<typeof namedMachine>;
