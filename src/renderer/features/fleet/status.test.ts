import { expect, test } from 'vitest';
import type { MachineState } from '../../../shared/contract/models.ts';
import { sampleRow } from './sample-row.test-data.ts';
import { isContactable, isStale, isUpgradable } from './status.ts';

const nothingKnown: Partial<MachineState> = {
  aptStatus: null,
  updatesCount: null,
  securityCount: null,
  rebootRequired: null,
  analyzedAt: null,
};

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
