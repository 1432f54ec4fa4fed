import { describe, expect, it } from 'vitest';
import type { RebootEvidence } from '../../shared/domain/snapshot.ts';
import { settleRebootNeed } from './reboot-need.ts';

const none: RebootEvidence = {
  required: false,
  files: [],
  packages: [],
  runningKernel: '6.1.0-40-amd64',
  newestKernel: '6.1.0-40-amd64',
  reasons: [],
};
const asking = (...reasons: RebootEvidence['reasons']): RebootEvidence => ({
  ...none,
  required: true,
  files: reasons.includes('marker_file') ? ['/run/reboot-required'] : [],
  reasons,
});
const sameBoot = { bootId: 'a', needrestartKernel: null };

describe('a need for a reboot', () => {
  it('is gone with a new boot, whatever it was', () => {
    const former = { evidence: asking('needrestart_kernel', 'marker_file'), bootId: 'a' };
    expect(settleRebootNeed(former, none, { bootId: 'b', needrestartKernel: null })).toEqual(none);
  });

  it('is gone within a boot when its marker file is', () => {
    const former = { evidence: asking('marker_file'), bootId: 'a' };
    expect(settleRebootNeed(former, none, sameBoot)).toEqual(none);
  });

  it('stays within a boot while nobody looked at what asked for it', () => {
    const former = { evidence: asking('needrestart_kernel'), bootId: 'a' };
    expect(settleRebootNeed(former, none, sameBoot)).toMatchObject({
      required: true,
      reasons: ['needrestart_kernel'],
    });
    expect(settleRebootNeed(former, none, { bootId: 'a', needrestartKernel: 1 }).required).toBe(false);
  });

  it('stays when the kernels can no longer be compared', () => {
    const former = {
      evidence: { ...asking('newer_kernel_installed'), newestKernel: '6.1.0-41-amd64' },
      bootId: 'a',
    };
    const blind: RebootEvidence = { ...none, required: null, newestKernel: null };
    expect(settleRebootNeed(former, blind, sameBoot)).toMatchObject({
      required: true,
      newestKernel: '6.1.0-41-amd64',
    });
    expect(settleRebootNeed(former, none, sameBoot).required).toBe(false);
  });

  it('stays when a boot id is not known: that proves nothing', () => {
    const former = { evidence: asking('needrestart_kernel'), bootId: undefined };
    expect(settleRebootNeed(former, none, sameBoot).required).toBe(true);
    const known = { evidence: asking('needrestart_kernel'), bootId: 'a' };
    expect(settleRebootNeed(known, none, { bootId: undefined, needrestartKernel: null }).required).toBe(true);
  });

  it('keeps an old reason beside a new one, once', () => {
    const former = { evidence: asking('marker_file', 'needrestart_kernel'), bootId: 'a' };
    expect(settleRebootNeed(former, asking('marker_file'), sameBoot).reasons).toEqual([
      'marker_file',
      'needrestart_kernel',
    ]);
  });

  it('is never invented', () => {
    expect(settleRebootNeed(null, none, sameBoot)).toEqual(none);
    expect(settleRebootNeed({ evidence: none, bootId: 'a' }, none, sameBoot)).toEqual(none);
  });
});
