import { describe, expect, it } from 'vitest';
import { filterCount, filterOf, noQuery } from './report-query.ts';

const nowMs = Date.parse('2026-05-08T12:00:00.000Z');

describe('the question to the list of reports', () => {
  it('asks for everything when nothing is chosen', () => {
    expect(filterOf(noQuery, nowMs)).toEqual({});
    expect(filterCount(noQuery)).toBe(0);
  });

  it('has what was chosen, and a time counted back from now', () => {
    const query = {
      ...noQuery,
      text: '  libssl ',
      kind: 'global',
      outcome: 'error',
      time: 'week',
      pinnedOnly: true,
    } as const;
    expect(filterOf(query, nowMs)).toEqual({
      text: 'libssl',
      kind: 'global',
      outcome: 'error',
      from: '2026-05-01T12:00:00.000Z',
      pinned: true,
    });
    expect(filterCount(query)).toBe(4);
  });

  it('never asks for more text than the core takes', () => {
    expect(filterOf({ ...noQuery, text: 'x'.repeat(500) }, nowMs).text).toHaveLength(200);
  });
});
