import { describe, expect, it } from 'vitest';
import type { RebootDetail } from '../../../shared/contract/models.ts';
import { sampleRow } from '../fleet/sample-row.test-data.ts';
import { isRebootable, rebootElapsedMs, rebootPhase, whyReboot } from './reboot.ts';

const reboot = (more: Partial<RebootDetail> = {}): RebootDetail => ({
  outcome: null,
  beforeBootId: 'a',
  afterBootId: null,
  requestedAt: null,
  wentDownAt: null,
  cameBackAt: null,
  waitedSeconds: null,
  waitLimitSeconds: 600,
  expectedSeconds: 40,
  lastDurationSeconds: null,
  nextRecommendedWaitSeconds: null,
  ...more,
});
const at = (second: number): string => new Date(second * 1000).toISOString();

describe('a reboot', () => {
  it('goes through its phases by what was seen', () => {
    expect(rebootPhase(reboot(), 'running')).toBe('prepare');
    expect(rebootPhase(reboot({ requestedAt: at(10) }), 'running')).toBe('going_down');
    expect(rebootPhase(reboot({ requestedAt: at(10), wentDownAt: at(12) }), 'running')).toBe('waiting');
    const back = reboot({ requestedAt: at(10), wentDownAt: at(12), cameBackAt: at(50) });
    expect(rebootPhase(back, 'running')).toBe('back');
    expect(rebootPhase(reboot({ outcome: 'timeout' }), 'error')).toBe('ended');
  });

  it('counts from the command to the return, and no further than was waited', () => {
    expect(rebootElapsedMs(reboot(), 'running', 99_000)).toBeNull();
    expect(rebootElapsedMs(reboot({ requestedAt: at(10) }), 'running', 25_000)).toBe(15_000);
    expect(rebootElapsedMs(reboot({ requestedAt: at(10), cameBackAt: at(50) }), 'ok', 999_000)).toBe(40_000);
    const lost = reboot({ requestedAt: at(10), waitedSeconds: 600, outcome: 'machine_did_not_return' });
    expect(rebootElapsedMs(lost, 'error', 9_999_000)).toBe(600_000);
    expect(rebootElapsedMs(reboot({ requestedAt: at(10) }), 'interrupted', 9_999_000)).toBeNull();
  });

  it('tells unknown, not needed and needed apart', () => {
    expect(whyReboot({ rebootRequired: null, rebootEvidence: null }).need).toBe('unknown');
    expect(whyReboot({ rebootRequired: false, rebootEvidence: null }).need).toBe('unasked');
    const evidence = {
      reasons: ['newer_kernel_installed'],
      files: [],
      packages: ['libc6'],
      runningKernel: '6.1.0-35',
      newestKernel: '6.1.0-37',
    };
    expect(whyReboot({ rebootRequired: true, rebootEvidence: evidence })).toMatchObject({
      need: 'asked',
      kernels: { running: '6.1.0-35', newest: '6.1.0-37' },
    });
    const same = { ...evidence, newestKernel: evidence.runningKernel };
    expect(whyReboot({ rebootRequired: true, rebootEvidence: same }).kernels).toBeNull();
  });

  it('is only offered where nothing runs and the key is approved', () => {
    expect(isRebootable(sampleRow())).toBe(true);
    expect(isRebootable(sampleRow({ hostKeyStatus: 'changed' }))).toBe(false);
    expect(isRebootable(sampleRow({}, { runningJobId: '00000000-0000-4000-8000-000000000009' }))).toBe(false);
  });
});
