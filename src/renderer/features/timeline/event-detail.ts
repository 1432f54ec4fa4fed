import type { TimelineEvent } from '../../../shared/contract/models.ts';
import { isErrorKind } from '../../../shared/domain/errors.ts';
import { actionTypes, executionStatuses } from '../../../shared/domain/unions.ts';
import { transferDetail } from '../files/event-text.ts';
import { warningOfEvent, warningText } from '../hardware/warning-text.ts';
import { errorTitle, t, tMaybe } from '../../lib/i18n/index.ts';

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined =>
  values.find((one) => one === value);

/**
 * What an event says besides its kind, in the reader's language, made from its data. The core's own English sentence is
 * only for kinds that the catalogue does not know. `name` is the machine's.
 */
export function eventDetail(event: TimelineEvent, name?: string): string | null {
  const { kind, action, status, updates, security, fingerprint, name: named } = event.data;
  const parts: string[] = [];
  const knownAction = oneOf(actionTypes, action);
  if (knownAction !== undefined) parts.push(t(`action.${knownAction}`));
  if (event.eventType === 'run.finished' || event.eventType === 'reboot.finished') {
    const ended = oneOf(executionStatuses, status);
    if (ended !== undefined) parts.push(t(`executionStatus.${ended}`));
  }
  if (event.eventType === 'apt.changed_by_others') parts.push(...foreignChange(event.data));
  parts.push(...transferDetail(event));
  const warning = warningOfEvent(event.data);
  if (warning) parts.push(warningText(warning));
  if (typeof kind === 'string' && isErrorKind(kind)) parts.push(errorTitle(kind, event.data, name));
  if (typeof updates === 'number') parts.push(t('machine.state.updates', { count: updates }));
  if (typeof security === 'number' && security > 0) {
    parts.push(t('machine.state.security', { count: security }));
  }
  if (typeof fingerprint === 'string') parts.push(fingerprint);
  if (event.machineId !== null && typeof named === 'string' && named !== name) parts.push(named);
  if (parts.length > 0) return parts.join(' · ');
  return tMaybe(`timeline.event.${event.eventType}`, '') === '' ? event.message : null;
}

/** All that a line of the timeline shows of an event but its time and day: what its search finds it by. */
export function shownText(event: TimelineEvent, name?: string): string {
  return [
    t(`severity.${event.severity}`),
    event.machineId === null ? t('timeline.fleet') : (name ?? t('timeline.machine.removed')),
    tMaybe(`timeline.event.${event.eventType}`, event.eventType),
    eventDetail(event, name) ?? '',
    event.actorType === null ? '' : t(`timeline.actor.${event.actorType}`),
  ].join(' ');
}

const whos = ['unattended_upgrades', 'user', 'root', 'homeport', 'other'] as const;

/** Who changed packages beside us, and how many. */
function foreignChange(data: Record<string, unknown>): string[] {
  const who = oneOf(whos, data['who']) ?? 'other';
  const user = typeof data['user'] === 'string' ? data['user'] : '';
  const parts = [who === 'user' ? t('timeline.who.user', { user }) : t(`timeline.who.${who}`)];
  for (const verb of ['installed', 'upgraded', 'removed'] as const) {
    const count = data[verb];
    if (typeof count === 'number' && count > 0) parts.push(t(`timeline.packages.${verb}`, { count }));
  }
  return parts;
}
