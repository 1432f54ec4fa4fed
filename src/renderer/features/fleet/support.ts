import type { FleetRow } from '../../../shared/contract/models.ts';

export interface SupportToTell {
  status: 'ends_soon' | 'lts_only' | 'ended';
  /** `YYYY-MM-DD`. */
  endsAt: string;
}

/** What is to be told of a release's support; null where it is supported, unknown, or without a date. */
export function supportToTell({ support }: Pick<FleetRow, 'support'>): SupportToTell | null {
  if (!support || support.endsAt === null) return null;
  const { status, endsAt } = support;
  return status === 'ends_soon' || status === 'lts_only' || status === 'ended' ? { status, endsAt } : null;
}
