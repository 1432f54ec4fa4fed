import { describe, expect, it } from 'vitest';
import type { ExecutionResult, RebootExecution } from '../../shared/domain/execution-result.ts';
import { rebootReport } from './report.ts';

const machine = { name: 'nas', address: 'ops@nas.test:22', system: 'debian 12' };
const reboot: RebootExecution = {
  beforeBootId: 'boot-before',
  afterBootId: 'boot-after',
  requestedAt: '2026-11-20T12:00:00.000Z',
  sshWentDownAt: '2026-11-20T12:00:05.000Z',
  sshCameBackAt: '2026-11-20T12:00:40.000Z',
  waitedSeconds: 40.4,
  status: 'ok',
  lastRebootDurationSeconds: 40.4,
  nextRecommendedWaitSeconds: 91,
};
const result: ExecutionResult = {
  executionId: 'e1',
  machineId: 'm1',
  startedAt: '2026-11-20T12:00:00.000Z',
  finishedAt: '2026-11-20T12:00:41.000Z',
  mode: 'manual',
  action: 'reboot_verified',
  status: 'ok',
  rebootRequiredAfterRun: false,
  importantLogLines: [],
  rawLogRef: null,
  reportRef: null,
  reboot,
};

describe('the report of a reboot', () => {
  it('tells both boots, the times and what was learned', () => {
    const { title, markdown } = rebootReport({
      language: 'en',
      machine,
      result,
      isCancelled: false,
      stillNeeded: false,
    });
    expect(title).toBe('Reboot of nas, 2026-11-20');
    for (const part of [
      'a new boot was seen',
      'boot\\-before',
      'boot\\-after',
      '| 40 s |',
      '| 91 s |',
      'needs no reboot',
    ])
      expect(markdown).toContain(part);
  });

  it('never says that a machine came back when nobody looked', () => {
    const { markdown } = rebootReport({
      language: 'fr',
      machine,
      result: { ...result, action: 'reboot', reboot: { ...reboot, afterBootId: null, sshCameBackAt: null } },
      isCancelled: false,
      stillNeeded: null,
    });
    expect(markdown).toContain('le retour de la machine n’a pas été vérifié');
    expect(markdown).not.toContain('un nouveau démarrage a été constaté');
  });

  it('a cancelled wait says that the machine may come back', () => {
    const { markdown } = rebootReport({
      language: 'en',
      machine,
      result: { ...result, status: 'warning', reboot: { ...reboot, afterBootId: null, status: 'timeout' } },
      isCancelled: true,
      stillNeeded: null,
    });
    expect(markdown).toContain('may still come back');
  });

  it('what a host said is no markup', () => {
    const { reboot: _none, ...notSent } = result;
    const { markdown } = rebootReport({
      language: 'en',
      machine,
      result: {
        ...notSent,
        errors: [
          {
            source: 'system',
            kind: 'reboot_command_failed',
            severity: 'error',
            message: '<img src=x> [a](b)',
            importantLines: ['`x`'],
          },
        ],
      },
      isCancelled: false,
      stillNeeded: null,
    });
    expect(markdown).toContain('was not sent');
    expect(markdown).not.toMatch(/(?<!\\)<img|(?<!\\)\]\(/);
  });
});
