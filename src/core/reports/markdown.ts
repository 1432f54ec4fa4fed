import type { AptChange, ExecutionResult, Explanation } from '../../shared/domain/execution-result.ts';
import type { ExecutionStatus } from '../../shared/domain/unions.ts';
import { words, type ReportLanguage } from './words.ts';

export interface ReportInput {
  readonly language: ReportLanguage;
  readonly machine: { name: string; address: string; system: string };
  readonly status: ExecutionStatus;
  readonly exitCode: number | null;
  readonly result: ExecutionResult;
  readonly log: { bytes: number; sha256: string; verified: boolean | null; redactedCount: number };
}

/** Text of a host as Markdown text: nothing in it can become markup, a link or a new line. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ').replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, (mark) => `\\${mark}`);
}

/** A moment as a reader of a file wants it, who may be anywhere: to the second, in UTC, and saying so. */
export function when(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** Text of a host as inline code. */
export function code(text: string): string {
  return `\`${text.replace(/[\p{Cc}\p{Cf}]/gu, ' ').replaceAll('`', "'")}\``;
}

/** The report of one run as Markdown, without raw HTML. Dates are local to nobody: ISO 8601 UTC. */
export function runReport(input: ReportInput): { title: string; markdown: string } {
  const { machine, result, status, exitCode, log } = input;
  const w = words[input.language];
  const number = new Intl.NumberFormat(input.language);
  const title = w.title(
    w.actions[result.action] ?? result.action,
    machine.name,
    result.startedAt.slice(0, 10),
  );
  const seconds = Math.round((Date.parse(result.finishedAt) - Date.parse(result.startedAt)) / 1000);
  const apt = result.apt;
  const lines = [
    `# ${plain(title)}`,
    '',
    `| ${w.machine} | ${plain(machine.name)} |`,
    `|---|---|`,
    `| ${w.address} | ${code(machine.address)} |`,
    `| ${w.system} | ${plain(machine.system)} |`,
    `| ${w.started} | ${when(result.startedAt)} |`,
    `| ${w.ended} | ${when(result.finishedAt)} |`,
    `| ${w.duration} | ${w.seconds(seconds)} |`,
    `| ${w.outcome} | **${w.status[status]}** |`,
    `| ${w.exitCode} | ${exitCode ?? w.unknown} |`,
    ...(apt?.verdict ? [`| ${w.verdict} | ${w.verdicts[apt.verdict]} |`] : []),
    ...(apt?.bytesFreed === undefined ? [] : [`| ${w.freed} | ${w.bytes(number.format(apt.bytesFreed))} |`]),
  ];
  const errors = [...(result.errors ?? []), ...(apt?.errors ?? [])];
  if (errors.length > 0) {
    lines.push('', `## ${w.errors}`, '');
    for (const error of errors) {
      lines.push(`- **${plain(error.kind)}**: ${plain(error.message)}`);
      for (const line of error.importantLines ?? []) lines.push(`  - ${code(line)}`);
    }
  }
  lines.push('', `## ${w.changes}`, '');
  const applied = (apt?.applied ?? []).filter((change) => change.operation !== 'unchanged');
  if (applied.length === 0) lines.push(w.noChanges);
  else lines.push(...changeTable(applied, input.language));
  if (apt?.missing?.length) {
    lines.push('', `## ${w.missing}`, '');
    for (const p of apt.missing)
      lines.push(
        `- ${code(p.name)} ${plain(p.currentVersion ?? '–')} → ${plain(p.targetVersion || '–')}${reason(p.explanation, input.language)}`,
      );
  }
  if (apt?.extra?.length) {
    lines.push('', `## ${w.extra}`, '', ...changeTable(apt.extra, input.language), '');
    for (const c of apt.extra) lines.push(`- ${code(c.name)}${reason(c.explanation, input.language)}`);
  }
  const needed = apt?.rebootEvidence ? apt.rebootEvidence.required : null;
  lines.push('', `## ${w.reboot}`, '');
  lines.push(needed === null ? w.rebootUnknown : needed ? w.rebootNeeded : w.rebootNotNeeded);
  for (const name of needed ? (apt?.rebootEvidence?.packages ?? []) : []) lines.push(`- ${code(name)}`);
  lines.push('', `## ${w.log}`, '');
  const size = number.format(log.bytes);
  if (log.redactedCount > 0) lines.push(w.logRedacted(size, log.sha256, log.redactedCount));
  else lines.push(log.verified ? w.logVerified(size, log.sha256) : w.logNotVerified(size, log.sha256));
  if (result.importantLogLines.length > 0) {
    lines.push('', `## ${w.important}`, '');
    for (const line of result.importantLogLines.slice(0, 200)) lines.push(`- ${code(line)}`);
  }
  return { title, markdown: `${lines.join('\n')}\n` };
}

/** Why something differs from the plan, as the end of a line. */
function reason(explanation: Explanation | undefined, language: ReportLanguage): string {
  const w = words[language];
  const by = explanation?.by === undefined ? '' : ` (${code(explanation.by)})`;
  return `: ${w.explanations[explanation?.code ?? 'unknown']}${by}`;
}

function changeTable(changes: readonly AptChange[], language: ReportLanguage): string[] {
  const w = words[language];
  return [
    `| ${w.package} | ${w.from} | ${w.to} | ${w.operation} | ${w.origin} |`,
    '|---|---|---|---|---|',
    ...changes.map(
      (c) =>
        `| ${code(c.name)} | ${plain(c.fromVersion ?? '–')} | ${plain(c.toVersion ?? '–')} | ` +
        `${w.operations[c.operation]} | ${plain(c.origin ?? '')} |`,
    ),
  ];
}
