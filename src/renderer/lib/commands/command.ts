import type { Component } from 'svelte';
import { fuzzyScore } from './fuzzy.ts';

/** Where a command stands in the palette; without a search they come in this order. */
export const commandGroups = [
  'recent',
  'targets',
  'machines',
  'views',
  'pages',
  'actions',
  'settings',
] as const;
export type CommandGroup = (typeof commandGroups)[number];

export interface Command {
  /** The same over restarts: for what was used lately. */
  readonly id: string;
  readonly group: Exclude<CommandGroup, 'recent'>;
  /** In the reader's language. */
  readonly label: string;
  /** Other names by which it is found: the other language, an address, a tag. */
  readonly names: readonly string[];
  readonly detail?: string | undefined;
  readonly icon: Component;
  /** The key that does the same, as it is written on keyboards. */
  readonly keys?: readonly string[] | undefined;
  /** What is in use now, of several that exclude each other. */
  readonly isOn?: boolean;
  run(): unknown;
}

export interface Ranked {
  readonly group: CommandGroup;
  readonly command: Command;
}

const mostRecent = 5;
/** Of each group, where nothing is searched: the whole is a word away. */
const mostUnsearched = 8;
/** What was used lately wins between commands that fit alike. */
const recentBonus = 12;

/**
 * What the palette shows. Without a search: what was used lately, then the groups in their order. With one: groups by their
 * best command, in each the best first. `recent` are ids, the last used first.
 */
export function rankCommands(
  commands: readonly Command[],
  query: string,
  recent: readonly string[],
  most = 60,
): Ranked[] {
  if (query.trim() === '') return unsearched(commands, recent);
  const found = commands.flatMap((command) => {
    const fit = fuzzyScore(query, [command.label, ...command.names]);
    if (fit === 0) return [];
    const used = recent.indexOf(command.id);
    return [{ command, score: fit + (used < 0 ? 0 : recentBonus - Math.min(recentBonus, used)) }];
  });
  found.sort((a, b) => b.score - a.score);
  const best = new Map<CommandGroup, number>();
  for (const { command, score } of found) if (!best.has(command.group)) best.set(command.group, score);
  const groups = [...best.keys()];
  return groups.flatMap((group) =>
    found
      .slice(0, most)
      .filter(({ command }) => command.group === group)
      .map(({ command }) => ({ group, command })),
  );
}

function unsearched(commands: readonly Command[], recent: readonly string[]): Ranked[] {
  const byId = new Map(commands.map((command) => [command.id, command]));
  const used = recent.flatMap((id) => byId.get(id) ?? []).slice(0, mostRecent);
  const taken = new Set(used.map(({ id }) => id));
  return [
    ...used.map((command) => ({ group: 'recent' as const, command })),
    ...commandGroups.flatMap((group) =>
      commands
        .filter((command) => command.group === group && !taken.has(command.id))
        .slice(0, group === 'machines' ? mostUnsearched : undefined)
        .map((command) => ({ group, command })),
    ),
  ];
}
