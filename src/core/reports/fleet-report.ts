import type { Failure } from '../../shared/contract/models.ts';
import type { FleetChanges } from './fleet-changes.ts';
import type { FleetReportWords } from './fleet-words.ts';
import { code, plain } from './markdown.ts';

/** Whole seconds between two moments. */
export const secondsBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 1000);

export interface ReportedMachine {
  readonly machineName: string;
  readonly errors: readonly Failure[];
  /** Null: not known. */
  readonly rebootRequired: boolean | null;
}

/** How a report over several machines ends: every error with its kind, each change once, and which machines want a reboot. */
export function closingSections(
  w: FleetReportWords,
  machines: readonly ReportedMachine[],
  { groups }: FleetChanges,
): string[] {
  const lines = ['', `## ${w.errors}`, ''];
  const errors = machines.flatMap(({ machineName, errors: all }) =>
    all.map(({ kind, message }) => `- ${plain(machineName)}: **${plain(kind)}**: ${plain(message)}`),
  );
  lines.push(...(errors.length === 0 ? [w.noErrors] : errors));
  lines.push('', `## ${w.changes}`, '');
  if (groups.length === 0) lines.push(w.noChanges);
  else {
    lines.push(`| ${w.package} | ${w.from} | ${w.to} | ${w.machines} |`, '|---|---|---|---|');
    for (const { name, fromVersion, toVersion, count } of groups) {
      lines.push(`| ${code(name)} | ${plain(fromVersion ?? '–')} | ${plain(toVersion ?? '–')} | ${count} |`);
    }
  }
  lines.push('', `## ${w.reboot}`, '');
  const needing = machines.filter(({ rebootRequired }) => rebootRequired === true);
  if (needing.length === 0) lines.push(w.noReboot);
  for (const { machineName } of needing) lines.push(`- ${plain(machineName)}`);
  const unknown = machines.filter(({ rebootRequired }) => rebootRequired === null).length;
  if (unknown > 0) lines.push('', w.rebootUnknown(unknown));
  return lines;
}
