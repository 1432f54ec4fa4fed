import { describe, expect, it } from 'vitest';
import { createPending } from './pending.ts';

const merge = (before: Record<string, number>, change: Record<string, number>) => ({ ...before, ...change });

describe('changes that the core has not answered yet', () => {
  it('hold at once, together, whatever older state comes meanwhile', () => {
    const pending = createPending<Record<string, number>, Record<string, number>>({ a: 0, b: 0 }, merge);
    const settleA = pending.begin({ a: 1 });
    const settleB = pending.begin({ b: 1 });
    expect(pending.value).toEqual({ a: 1, b: 1 });
    pending.take({ a: 0, b: 0 });
    expect(pending.value).toEqual({ a: 1, b: 1 });
    settleA({ a: 1, b: 0 });
    expect(pending.value).toEqual({ a: 1, b: 1 });
    settleB({ a: 1, b: 1 });
    pending.take({ a: 2, b: 1 });
    expect(pending.value).toEqual({ a: 2, b: 1 });
  });

  it('are undone alone when they are refused', () => {
    const pending = createPending<Record<string, number>, Record<string, number>>({ a: 0, b: 0 }, merge);
    const settleA = pending.begin({ a: 1 });
    const settleB = pending.begin({ b: 1 });
    settleA(undefined);
    expect(pending.value).toEqual({ a: 0, b: 1 });
    settleB({ a: 0, b: 1 });
    expect(pending.value).toEqual({ a: 0, b: 1 });
  });
});
