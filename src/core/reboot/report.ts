import type { ExecutionResult } from '../../shared/domain/execution-result.ts';
import { plain, when } from '../reports/markdown.ts';
import type { ReportLanguage } from '../reports/words.ts';
import { rebootWords } from './words.ts';

export interface RebootReportInput {
  readonly language: ReportLanguage;
  readonly machine: { name: string; address: string; system: string };
  readonly result: ExecutionResult;
  readonly isCancelled: boolean;
  /** Whether the machine asks for a reboot now; null where nobody could look. */
  readonly stillNeeded: boolean | null;
}

/** The report of a reboot as Markdown, without raw HTML. Dates are ISO 8601 UTC. */
export function rebootReport(input: RebootReportInput): { title: string; markdown: string } {
  const { machine, result } = input;
  const { reboot } = result;
  const w = rebootWords[input.language];
  const title = w.title(machine.name, result.startedAt.slice(0, 10));
  const isOnlyDown = reboot?.status === 'ok' && reboot.afterBootId === null;
  const outcome = input.isCancelled
    ? w.cancelled
    : !reboot
      ? w.notSent
      : isOnlyDown
        ? w.onlyDown
        : w.outcomes[reboot.status];
  const seconds = (n: number | undefined) => (n === undefined ? w.unknown : w.seconds(Math.round(n)));
  const lines = [
    `# ${plain(title)}`,
    '',
    `| ${w.machine} | ${plain(machine.name)} |`,
    '|---|---|',
    `| ${w.address} | ${plain(machine.address)} |`,
    `| ${w.system} | ${plain(machine.system)} |`,
    `| ${w.outcome} | **${outcome}** |`,
  ];
  if (reboot) {
    lines.push(
      `| ${w.requested} | ${when(reboot.requestedAt)} |`,
      `| ${w.wentDown} | ${reboot.sshWentDownAt ? when(reboot.sshWentDownAt) : w.unknown} |`,
      `| ${w.cameBack} | ${reboot.sshCameBackAt ? when(reboot.sshCameBackAt) : w.unknown} |`,
      `| ${w.waited} | ${seconds(reboot.waitedSeconds)} |`,
      `| ${w.duration} | ${seconds(reboot.lastRebootDurationSeconds)} |`,
      `| ${w.nextWait} | ${seconds(reboot.nextRecommendedWaitSeconds)} |`,
      `| ${w.before} | ${plain(reboot.beforeBootId ?? w.unknown)} |`,
      `| ${w.after} | ${plain(reboot.afterBootId ?? w.unknown)} |`,
    );
  }
  const errors = [...(result.errors ?? []), ...(reboot?.errors ?? [])];
  if (errors.length > 0) {
    lines.push('', `## ${w.errors}`, '');
    for (const error of errors) {
      lines.push(`- **${plain(error.kind)}**: ${plain(error.message)}`);
      for (const line of error.importantLines ?? []) lines.push(`  - ${plain(line)}`);
    }
  }
  const need = input.stillNeeded;
  lines.push('', `## ${w.evidence}`, '');
  lines.push(need === null ? w.needUnknown : need ? w.stillNeeded : w.notNeeded);
  return { title, markdown: `${lines.join('\n')}\n` };
}
