import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { executionResultSchema } from './execution-result.ts';
import { schemaVersionOf } from './json-contract.ts';
import { updateSnapshotSchema } from './snapshot.ts';

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));

describe('archived payloads', () => {
  it.each(['snapshot.v1', 'snapshot.v1-minimal'])('%s stays valid and loses nothing', (name) => {
    const payload = sample(name);
    const snapshot = updateSnapshotSchema.parse(payload);
    expect(snapshot).toEqual(payload);
    expect(schemaVersionOf(snapshot)).toBe(1);
  });

  it('execution.v1 stays valid and loses nothing', () => {
    const payload = sample('execution.v1');
    const result = executionResultSchema.parse(payload);
    expect(result).toEqual(payload);
    expect(schemaVersionOf(result)).toBe(1);
  });

  it('refuses a payload that lacks what the contract promises', () => {
    const snapshot = updateSnapshotSchema.parse(sample('snapshot.v1'));
    expect(updateSnapshotSchema.safeParse({ ...snapshot, status: 'green' }).success).toBe(false);
    expect(updateSnapshotSchema.safeParse({ ...snapshot, apt: undefined }).success).toBe(false);
    expect(updateSnapshotSchema.safeParse({ ...snapshot, apt: { ...snapshot.apt, count: -1 } }).success).toBe(
      false,
    );
  });
});
