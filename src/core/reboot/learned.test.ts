import { describe, expect, it } from 'vitest';
import { expectedSeconds, recommendedWaitSeconds, type EarlierReboot } from './learned.ts';

const ok = (seconds: number): EarlierReboot => ({
  status: 'ok',
  waitedSeconds: seconds,
  lastRebootDurationSeconds: seconds,
});

describe('learned waits', () => {
  it('ten minutes for a machine that nobody has seen reboot', () => {
    expect(recommendedWaitSeconds([])).toBe(600);
    expect(expectedSeconds([])).toBeNull();
  });

  it('half as long again as the longest of the last five, and 30 s', () => {
    expect(recommendedWaitSeconds([ok(60), ok(100), ok(80), ok(60), ok(60), ok(900)])).toBe(180);
  });

  it('between one and thirty minutes', () => {
    expect(recommendedWaitSeconds([ok(5)])).toBe(60);
    expect(recommendedWaitSeconds([ok(3_000)])).toBe(1_800);
  });

  it('a machine that was not back in time takes at least as long as was waited', () => {
    expect(recommendedWaitSeconds([{ status: 'machine_did_not_return', waitedSeconds: 600 }, ok(60)])).toBe(
      930,
    );
    expect(recommendedWaitSeconds([{ status: 'reboot_command_failed', waitedSeconds: 6 }])).toBe(600);
  });

  it('expects the median of what is known', () => {
    expect(expectedSeconds([ok(60), { status: 'timeout', waitedSeconds: 500 }, ok(90), ok(300)])).toBe(90);
  });
});
