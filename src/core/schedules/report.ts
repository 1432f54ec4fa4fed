import type { ScheduleRunMachine, ScheduleStep } from '../../shared/contract/schedules.ts';
import {
  closingSections,
  plain,
  secondsBetween,
  when,
  type FleetChanges,
  type ReportLanguage,
} from '../reports/index.ts';
import type { RunPlan } from './model.ts';
import { scheduleReportWords, stepName, type ScheduleReportWords } from './report-words.ts';
import type { RunRow } from './store.ts';

export interface ReportMember extends ScheduleRunMachine {
  /** What its machine did by itself, and the run that this became. */
  readonly armed: { readonly step: ScheduleStep; readonly executionId: string } | null;
  /** Null: not known. */
  readonly rebootRequired: boolean | null;
}

export interface ScheduleReportInput {
  readonly language: ReportLanguage;
  /** A run that has ended. */
  readonly run: RunRow;
  readonly plan: RunPlan;
  readonly members: readonly ReportMember[];
  readonly changes: FleetChanges;
}

/** The runs of a member's steps, and the one that its machine did by itself. */
export const executionsOf = ({ steps, armed }: ReportMember): string[] => [
  ...steps.flatMap(({ executionId }) => executionId ?? []),
  ...(armed ? [armed.executionId] : []),
];

/**
 * The report of a schedule's run as Markdown, without raw HTML: what was done on each machine, what was left and why, what changed.
 * Dates are UTC.
 */
export function scheduleReport({ language, run, plan, members, changes }: ScheduleReportInput): {
  title: string;
  markdown: string;
} {
  const w = scheduleReportWords[language];
  const title = w.title(plan.name, run.dueAt.slice(0, 10));
  const startedAt = run.startedAt ?? run.createdAt;
  const finishedAt = run.finishedAt ?? startedAt;
  const tally = [...new Set(members.map(({ state }) => state))]
    .map((state) => `${members.filter((one) => one.state === state).length} ${w.states[state]}`)
    .join(', ');
  const began =
    run.missed > 0 ? `${w.triggers[run.trigger]}; ${w.missed(run.missed)}` : w.triggers[run.trigger];
  const outcome = run.status in w.outcomes ? w.outcomes[run.status as keyof typeof w.outcomes] : run.status;
  const lines = [
    `# ${plain(title)}`,
    '',
    `| ${w.due} | ${when(run.dueAt)} |`,
    `|---|---|`,
    `| ${w.started} | ${when(startedAt)} |`,
    `| ${w.ended} | ${when(finishedAt)} |`,
    `| ${w.duration} | ${w.seconds(secondsBetween(startedAt, finishedAt))} |`,
    `| ${w.outcome} | **${outcome}** |`,
    `| ${w.trigger} | ${began} |`,
    ...(run.windowEndsAt === null ? [] : [`| ${w.windowEnd} | ${when(run.windowEndsAt)} |`]),
    ...(plan.asksApproval ? [`| ${w.approval} | ${w.asked} |`] : []),
    `| ${w.machines} | ${tally} |`,
    `| ${w.rule} | ${w.rules[plan.onFailure]} |`,
    `| ${w.concurrency} | ${plan.concurrency} |`,
  ];
  if (run.skipReason === 'view_gone') lines.push('', w.viewGone);
  lines.push('', `## ${w.steps}`, '');
  for (const [at, step] of plan.steps.entries()) lines.push(`${at + 1}. ${stepLine(w, step)}`);
  const waves = [...new Set(members.map(({ wave }) => wave))].sort((a, b) => a - b);
  for (const wave of waves) {
    lines.push('', `## ${waves.length === 1 ? w.machines : w.wave(wave + 1)}`, '');
    lines.push(`| ${w.machine} | ${w.outcome} | ${w.done} | ${w.changedPackages} |`, '|---|---|---|---|');
    for (const member of members.filter((one) => one.wave === wave)) {
      const executions = executionsOf(member);
      const changed = executions.reduce((sum, id) => sum + (changes.countOf.get(id) ?? 0), 0);
      lines.push(
        `| ${plain(member.machineName)} | ${w.states[member.state]} | ${doneText(w, plan, member)} | ` +
          `${executions.length === 0 ? '–' : changed} |`,
      );
    }
  }
  lines.push('', `## ${w.left}`, '', ...leftLines(w, plan, members));
  const told = members.map((member) => ({
    machineName: member.machineName,
    rebootRequired: member.rebootRequired,
    errors: member.steps.flatMap(({ error, jobStatus }) => (error && jobStatus !== 'ok' ? [error] : [])),
  }));
  lines.push(...closingSections(w, told, changes));
  return { title, markdown: `${lines.join('\n')}\n` };
}

function stepLine(w: ScheduleReportWords, step: ScheduleStep): string {
  const condition = step.packages === 'security' ? '' : w.conditions[step.condition];
  return condition === '' ? stepName(w, step) : `${stepName(w, step)}, ${condition}`;
}

function doneText(w: ScheduleReportWords, plan: RunPlan, { steps, armed }: ReportMember): string {
  const done = steps.flatMap((one) => {
    const step = plan.steps[one.step];
    return step ? [`${stepName(w, step)}: ${resultText(w, step, one)}`] : [];
  });
  if (armed) done.push(`${stepName(w, armed.step)}: ${w.byHost}`);
  return done.length === 0 ? '–' : done.join('; ');
}

function resultText(
  w: ScheduleReportWords,
  step: ScheduleStep,
  { state, jobStatus, request }: ScheduleRunMachine['steps'][number],
): string {
  if (jobStatus !== null) {
    return request === null ? w.results[jobStatus] : `${w.approved}, ${w.results[jobStatus]}`;
  }
  if (request !== null) return w.decisions[request.status];
  if (state === 'refused') return w.refused;
  return step.packages === 'security' ? w.noSecurity : w.notNeeded;
}

/** Machines that were left with the reason, and for each the steps that were not begun; those of failed machines as well. */
function leftLines(w: ScheduleReportWords, plan: RunPlan, members: readonly ReportMember[]): string[] {
  const lines = members.flatMap(({ machineName, state, leftReason, steps, armed }) => {
    if (state !== 'left' && state !== 'error') return [];
    // What a machine was handed stands for the whole of its part.
    const begun = new Set(steps.map(({ step }) => step));
    const rest = armed ? [] : plan.steps.filter((_step, at) => !begun.has(at));
    if (leftReason === null && rest.length === 0) return [];
    const parts = [
      leftReason === null ? w.states[state] : w.reasons[leftReason],
      ...(rest.length > 0 ? [`${w.notBegun}: ${rest.map((step) => stepName(w, step)).join(', ')}`] : []),
    ];
    return [`- ${plain(machineName)}: ${parts.join('; ')}`];
  });
  return lines.length === 0 ? [w.noneLeft] : lines;
}
