import type { FleetRow, MachineState } from '../../../shared/contract/models.ts';

/** A machine for tests: approved, online, analysed, up to date. */
export function sampleRow(row: Partial<FleetRow> = {}, state: Partial<MachineState> = {}): FleetRow {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    name: 'web-01',
    hostname: 'web-01.lan',
    port: 22,
    username: 'admin',
    osFamily: 'debian',
    osVersion: '13.2',
    osCodename: 'trixie',
    arch: 'amd64',
    machineKind: 'vm',
    status: 'online',
    hostKeyStatus: 'approved',
    tags: [],
    lastSeenAt: '2026-01-10T12:00:00Z',
    createdAt: '2026-01-01T12:00:00Z',
    ...row,
    state: {
      aptStatus: 'ok',
      updatesCount: 0,
      securityCount: 0,
      rebootRequired: false,
      rebootEvidence: null,
      analyzedAt: '2026-01-10T12:00:00Z',
      listsAt: '2026-01-10T12:00:00Z',
      load1: null,
      memoryUsedPercent: null,
      rootUsedPercent: null,
      runningJobId: null,
      runningAction: null,
      runningPercent: null,
      runningStep: null,
      lastError: null,
      updatedAt: '2026-01-10T12:00:00Z',
      ...state,
    },
  };
}
