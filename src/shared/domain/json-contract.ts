import { z } from 'zod';
import { errorKinds } from './errors.ts';
import { errorSources, severities } from './unions.ts';

/** The version that new payloads carry. A payload without a version is version 1. */
export const currentSchemaVersion = 1;

/**
 * An object schema that keeps fields it does not know (a newer application may have written them) while its static type
 * stays closed, so that a misspelt field is still a compile error.
 */
export function contractObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

export const isoTime = z.iso.datetime({ offset: true });
export const count = z.int().min(0);
export const schemaVersion = z.int().min(1);

export const errorKindSchema = z.enum(errorKinds);

/** A failure inside a snapshot or an execution: cleaned text, never a secret. */
export const snapshotErrorSchema = contractObject({
  source: z.enum(errorSources),
  kind: errorKindSchema,
  severity: z.enum(severities),
  message: z.string(),
  remediation: z.string().exactOptional(),
  importantLines: z.array(z.string()).exactOptional(),
  /** Names, paths and counts that make the text exact (package, pid of a lock holder, key id, host of a repository). */
  data: z.record(z.string(), z.unknown()).exactOptional(),
});
export type SnapshotError = z.infer<typeof snapshotErrorSchema>;

export function schemaVersionOf(payload: { readonly schemaVersion?: number }): number {
  return payload.schemaVersion ?? 1;
}
