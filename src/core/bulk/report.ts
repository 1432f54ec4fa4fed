import { code, plain, when, type ReportLanguage } from '../reports/index.ts';
import type { BulkChanges, BulkMember, BulkRow } from './store.ts';
import { bulkWords } from './words.ts';

export interface BulkReportInput {
  readonly language: ReportLanguage;
  readonly bulk: BulkRow;
  readonly members: readonly BulkMember[];
  readonly changes: BulkChanges;
}

/** The report of a bulk over all its machines as Markdown, without raw HTML. Dates are ISO 8601 UTC. */
export function bulkReport({ language, bulk, members, changes }: BulkReportInput): {
  title: string;
  markdown: string;
} {
  const w = bulkWords[language];
  const action = w.actions[bulk.action] ?? bulk.action;
  const title = w.title(action, members.length, bulk.createdAt.slice(0, 10));
  const finishedAt = bulk.finishedAt ?? bulk.createdAt;
  const tally = [...new Set(members.map(({ status }) => status))]
    .map((status) => `${members.filter((m) => m.status === status).length} ${w.status[status]}`)
    .join(', ');
  const lines = [
    `# ${plain(title)}`,
    '',
    `| ${w.started} | ${when(bulk.createdAt)} |`,
    `|---|---|`,
    `| ${w.ended} | ${when(finishedAt)} |`,
    `| ${w.duration} | ${w.seconds(seconds(bulk.createdAt, finishedAt))} |`,
    `| ${w.outcome} | **${w.outcomes[bulk.status]}** |`,
    `| ${w.machines} | ${tally} |`,
    `| ${w.rule} | ${w.rules[bulk.onFailure]} |`,
    `| ${w.concurrency} | ${bulk.concurrency} |`,
  ];
  const waves = Math.max(...members.map(({ wave }) => wave)) + 1;
  for (let wave = 0; wave < waves; wave++) {
    lines.push('', `## ${w.wave(wave + 1)}`, '');
    lines.push(`| ${w.machine} | ${w.outcome} | ${w.changedPackages} | ${w.duration} |`, '|---|---|---|---|');
    for (const member of members.filter((m) => m.wave === wave)) {
      const changed = member.executionId === null ? null : (changes.countOf.get(member.executionId) ?? 0);
      const took =
        member.startedAt && member.finishedAt ? w.seconds(seconds(member.startedAt, member.finishedAt)) : '–';
      lines.push(
        `| ${plain(member.machineName)} | ${w.status[member.status]} | ${changed ?? '–'} | ${took} |`,
      );
    }
  }
  lines.push('', `## ${w.errors}`, '');
  const failed = members.filter(({ error }) => error !== null);
  if (failed.length === 0) lines.push(w.noErrors);
  for (const { machineName, error } of failed) {
    if (error) lines.push(`- ${plain(machineName)}: **${plain(error.kind)}**: ${plain(error.message)}`);
  }
  lines.push('', `## ${w.changes}`, '');
  if (changes.groups.length === 0) lines.push(w.noChanges);
  else {
    lines.push(`| ${w.package} | ${w.from} | ${w.to} | ${w.machines} |`, '|---|---|---|---|');
    for (const { name, fromVersion, toVersion, count } of changes.groups) {
      lines.push(`| ${code(name)} | ${plain(fromVersion ?? '–')} | ${plain(toVersion ?? '–')} | ${count} |`);
    }
  }
  lines.push('', `## ${w.reboot}`, '');
  const needing = members.filter(({ rebootRequired }) => rebootRequired === true);
  if (needing.length === 0) lines.push(w.noReboot);
  for (const { machineName } of needing) lines.push(`- ${plain(machineName)}`);
  const unknown = members.filter(({ rebootRequired }) => rebootRequired === null).length;
  if (unknown > 0) lines.push('', w.rebootUnknown(unknown));
  return { title, markdown: `${lines.join('\n')}\n` };
}

const seconds = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 1000);
