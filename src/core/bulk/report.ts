import {
  closingSections,
  plain,
  secondsBetween,
  when,
  type FleetChanges,
  type ReportLanguage,
} from '../reports/index.ts';
import type { BulkMember, BulkRow } from './store.ts';
import { bulkWords } from './words.ts';

export interface BulkReportInput {
  readonly language: ReportLanguage;
  readonly bulk: BulkRow;
  readonly members: readonly BulkMember[];
  readonly changes: FleetChanges;
}

/** The report of a bulk over all its machines as Markdown, without raw HTML. Dates are ISO 8601 UTC. */
export function bulkReport({ language, bulk, members, changes }: BulkReportInput): {
  title: string;
  markdown: string;
} {
  const w = bulkWords[language];
  const action = w.actions[bulk.action];
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
    `| ${w.duration} | ${w.seconds(secondsBetween(bulk.createdAt, finishedAt))} |`,
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
        member.startedAt && member.finishedAt
          ? w.seconds(secondsBetween(member.startedAt, member.finishedAt))
          : '–';
      lines.push(
        `| ${plain(member.machineName)} | ${w.status[member.status]} | ${changed ?? '–'} | ${took} |`,
      );
    }
  }
  const told = members.map(({ error, ...member }) => ({ ...member, errors: error === null ? [] : [error] }));
  lines.push(...closingSections(w, told, changes));
  return { title, markdown: `${lines.join('\n')}\n` };
}
