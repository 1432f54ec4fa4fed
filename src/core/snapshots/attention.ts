import type { Attention } from '../../shared/contract/models.ts';
import type { UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import { printedName } from '../debian/upgradable.ts';

/**
 * Package lists of this age say too little about what waits: APT's own timer fetches them each day
 * (/usr/lib/systemd/system/apt-daily.timer), so a week without means that something keeps them from being fetched.
 */
const LISTS_OLD_DAYS = 7;

/** Packages named in one reason; the count is of all. */
const NAMED = 5;
/** Warnings told as reasons; the machine's page has them all. */
const PROBLEMS = 3;

/**
 * What in a snapshot wants a person's attention, the weightiest first; empty where nothing does. Null where the analysis
 * failed: its error tells why, and its lists are no findings.
 */
export function attentionOf({ apt, errors, status, host }: UpdateSnapshot): Attention[] | null {
  if (!apt.enabled || apt.distUpgradeCount === undefined || status === 'error') return null;
  const named = (code: 'removes' | 'held' | 'kept_back', names: readonly string[]): Attention[] =>
    names.length === 0 ? [] : [{ code, count: names.length, packages: names.slice(0, NAMED) }];
  const leftOut = (apt.keptBack ?? []).filter(({ reason }) => reason !== 'held' && reason !== 'phased');
  const days = Math.floor((apt.listsAgeSeconds ?? 0) / 86_400);
  return [
    ...named('removes', apt.removed ?? []),
    ...(errors ?? [])
      .filter(({ severity }) => severity === 'warning')
      .slice(0, PROBLEMS)
      .map(({ kind, data }): Attention => ({ code: 'problem', kind, data: { ...data } })),
    ...(days >= LISTS_OLD_DAYS ? [{ code: 'lists_old' as const, days }] : []),
    ...named('held', apt.held ?? []),
    ...named(
      'kept_back',
      leftOut.map(({ name, arch }) => printedName(name, arch, host?.architecture ?? '')),
    ),
  ];
}
