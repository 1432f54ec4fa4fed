import { describe, expect, test } from 'vitest';
import type { FleetRow, MachineState } from '../../../shared/contract/models.ts';
import { figureIds, isCounted } from './figures.ts';
import { sampleRow } from './sample-row.test-data.ts';
import { isContactable, isStale, isUpgradable, tileStatus, type TileStatus } from './status.ts';

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

test('only a machine whose key is approved is contacted', () => {
  expect(isContactable(sampleRow())).toBe(true);
  for (const hostKeyStatus of ['unknown', 'changed', 'rejected'] as const) {
    expect(isContactable(sampleRow({ hostKeyStatus }))).toBe(false);
  }
});

test('a bulk upgrade leaves out what has no known update or no approved key', () => {
  expect(isUpgradable(sampleRow({}, { updatesCount: 2 }))).toBe(true);
  expect(isUpgradable(sampleRow())).toBe(false);
  expect(isUpgradable(sampleRow({}, nothingKnown))).toBe(false);
  expect(isUpgradable(sampleRow({ hostKeyStatus: 'changed' }, { updatesCount: 2 }))).toBe(false);
});

test('data is stale after the given hours, and never analysed is not stale', () => {
  const nowMs = new Date('2026-01-11T12:00:00Z').getTime();
  expect(isStale(sampleRow(), nowMs, 24)).toBe(false);
  expect(isStale(sampleRow(), nowMs + 1, 24)).toBe(true);
  expect(isStale(sampleRow({}, nothingKnown), nowMs, 1)).toBe(false);
});

test('an unreachable machine with an error counts once, as unreachable', () => {
  const row = sampleRow({ status: 'unreachable' }, { lastError: failure });
  expect(figureIds.filter((id) => isCounted(id, row))).toEqual(['machines', 'unreachable']);
});
