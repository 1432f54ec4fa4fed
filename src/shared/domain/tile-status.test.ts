import { describe, expect, test } from 'vitest';
import { sampleRow } from '../../renderer/features/fleet/sample-row.test-data.ts';
import type { FleetRow, MachineState } from '../contract/models.ts';
import { figureIds, isCounted } from './fleet-figures.ts';
import { tileStatus, type TileStatus } from './tile-status.ts';

const failure = { kind: 'apt_lock_busy' as const, message: 'busy', data: {} };
const nothingKnown: Partial<MachineState> = {
  aptStatus: null,
  updatesCount: null,
  securityCount: null,
  rebootRequired: null,
  analyzedAt: null,
};

const hardware = (severity: 'warning' | 'error'): Partial<MachineState> => ({
  hardwareWarnings: [
    {
      code: 'filesystem_space',
      severity,
      subject: '/',
      value: 96,
      limit: 95,
      names: [],
      since: '2026-01-01T00:00:00Z',
    },
  ],
});

describe('the word on a tile', () => {
  const cases: [TileStatus, Partial<FleetRow>, Partial<MachineState>][] = [
    ['ok', {}, {}],
    ['updates', {}, { aptStatus: 'updates_available', updatesCount: 3 }],
    ['security', {}, { aptStatus: 'updates_available', updatesCount: 3, securityCount: 1 }],
    ['security', {}, { aptStatus: 'warning', updatesCount: 3, securityCount: 1 }],
    ['warning', {}, { aptStatus: 'warning', updatesCount: 3 }],
    ['warning', {}, hardware('error')],
    ['ok', {}, hardware('warning')],
    ['error', {}, { aptStatus: 'error' }],
    ['error', {}, { lastError: failure }],
    ['error', { status: 'error' }, {}],
    ['unreachable', { status: 'unreachable' }, {}],
    ['blocked', { hostKeyStatus: 'changed' }, { runningJobId: 'x' }],
    ['rejected', { hostKeyStatus: 'rejected' }, {}],
    ['fingerprint', { hostKeyStatus: 'unknown' }, nothingKnown],
    ['running', { status: 'unreachable' }, { runningJobId: 'x' }],
    ['never', { status: 'unknown' }, nothingKnown],
  ];
  test.each(cases)('%s: %j %j', (status, row, state) => {
    expect(tileStatus(sampleRow(row, state))).toBe(status);
  });

  test('what is not known is never ok', () => {
    for (const hole of [{ aptStatus: null }, { updatesCount: null }, nothingKnown]) {
      expect(tileStatus(sampleRow({}, hole))).not.toBe('ok');
    }
  });
});

test('an unreachable machine with an error counts once, as unreachable', () => {
  const row = sampleRow({ status: 'unreachable' }, { lastError: failure });
  expect(figureIds.filter((id) => isCounted(id, row))).toEqual(['machines', 'unreachable']);
});
