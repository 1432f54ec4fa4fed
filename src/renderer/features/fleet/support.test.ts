import { describe, expect, it } from 'vitest';
import { supportToTell } from './support.ts';

describe('support of a release', () => {
  it.each(['ends_soon', 'lts_only', 'ended'] as const)('%s is told with its day', (status) => {
    expect(supportToTell({ support: { status, endsAt: '2026-06-30' } })).toEqual({
      status,
      endsAt: '2026-06-30',
    });
  });

  it('is not told while all is well or nobody knows', () => {
    expect(supportToTell({ support: { status: 'supported', endsAt: '2028-06-30' } })).toBeNull();
    expect(supportToTell({ support: { status: 'unknown', endsAt: null } })).toBeNull();
    expect(supportToTell({ support: { status: 'ended', endsAt: null } })).toBeNull();
    expect(supportToTell({})).toBeNull();
  });
});
