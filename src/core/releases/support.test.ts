import { describe, expect, it } from 'vitest';
import type { OsFamily } from '../../shared/domain/unions.ts';
import { supportMessages, supportOf } from './support.ts';
import { releaseTable } from './table.ts';

const os = (family: OsFamily, version: string | null, codename: string | null) => ({
  family,
  version,
  codename,
});
const on = (day: string) => new Date(`${day}T12:00:00Z`);

describe('support of a release', () => {
  it.each([
    [os('debian', '13', 'trixie'), '2026-01-01', 'supported', '2028-08-09'],
    [os('debian', '13', 'trixie'), '2028-03-01', 'ends_soon', '2028-08-09'],
    [os('debian', '12', 'bookworm'), '2026-07-11', 'ends_soon', '2026-07-11'],
    [os('debian', '12', 'bookworm'), '2026-07-12', 'lts_only', '2028-06-30'],
    [os('debian', '11', 'bullseye'), '2026-08-31', 'lts_only', '2026-08-31'],
    [os('debian', '11', 'bullseye'), '2026-09-01', 'ended', '2026-08-31'],
    [os('debian', '12', null), '2026-07-12', 'lts_only', '2028-06-30'],
    // Testing: not out yet.
    [os('debian', '', 'forky'), '2026-07-12', 'unknown', null],
    [os('ubuntu', '24.04', 'noble'), '2026-07-12', 'supported', '2029-05-31'],
    [os('ubuntu', '25.10', 'questing'), '2026-07-12', 'ended', '2026-07-09'],
    // A derivative with names of its own.
    [os('ubuntu', '22', 'wilma'), '2026-07-12', 'unknown', null],
    [os('proxmox', '8.4.1', 'bookworm'), '2026-07-12', 'ends_soon', '2026-08-31'],
    [os('proxmox', '9.1.2', 'trixie'), '2026-07-12', 'supported', null],
    [os('raspbian', '12', 'bookworm'), '2026-07-12', 'ended', '2026-07-11'],
    [os('unknown', '3.20', null), '2026-07-12', 'unknown', null],
  ])('%o on %s: %s until %s', (system, day, status, endsAt) => {
    expect(supportOf(system, on(day))).toEqual({ status, endsAt });
  });

  it('is told where a person should act, in the same words on every machine', () => {
    expect(supportMessages(os('debian', '13', 'trixie'), on('2026-01-01'))).toEqual([]);
    expect(supportMessages(os('proxmox', '9.1', 'trixie'), on('2026-01-01'))).toEqual([]);
    const [soon] = supportMessages(os('proxmox', '8.4.1', 'bookworm'), on('2026-07-12'));
    const [same] = supportMessages(os('proxmox', '8.3.0', 'bookworm'), on('2026-07-20'));
    expect(soon).toMatchObject({ category: 'future_major_change', severity: 'warning' });
    expect(same).toEqual(soon);
    const [ended] = supportMessages(os('debian', '11', 'bullseye'), on('2026-11-01'));
    expect(ended).toMatchObject({ category: 'security_notice' });
    expect(ended?.message).toContain('2031-06-30');
    expect(ended?.notice).toEqual({
      code: 'support_ended',
      osFamily: 'debian',
      version: '11',
      codename: 'bullseye',
      on: '2026-08-31',
      until: '2031-06-30',
    });
    expect(supportMessages(os('debian', '12', 'bookworm'), on('2026-08-01'))[0]?.notice).toMatchObject({
      code: 'support_lts_only',
      on: '2026-07-11',
      until: '2028-06-30',
    });
  });
});

describe('the table', () => {
  it.each(Object.entries(releaseTable))('%s is in order', (_family, { source, releases }) => {
    expect(source).not.toBe('');
    expect(new Set(releases.map(({ version }) => version)).size).toBe(releases.length);
    for (const { released, endOfSupport, endOfLts, endOfExtended } of releases) {
      const days = [released, endOfSupport, endOfLts, endOfExtended].filter((day) => day !== null);
      expect(days).toEqual([...days].sort());
    }
  });
});
