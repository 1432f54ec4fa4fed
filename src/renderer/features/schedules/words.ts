import type {
  Schedule,
  ScheduleRunSummary,
  ScheduleScope,
  ScheduleStep,
} from '../../../shared/contract/schedules.ts';
import type { Tag } from '../../../shared/contract/models.ts';
import type { ScheduleRunStatus } from '../../../shared/domain/unions.ts';
import { formatPercent, t } from '../../lib/i18n/index.ts';
import { locale } from '../../lib/i18n/locale.svelte.ts';
import type { StatusLook } from '../../lib/ui/status-look.ts';
import { sizesText } from '../bulk/wave-choice.ts';
import { waitText } from '../requests/wait-text.ts';
import { choiceOf } from './draft.ts';
import { timingOfCron, type Weekday } from './timing.ts';

/** A Sunday; the weekday of crontab(5) is its distance. */
const sundayMs = Date.UTC(2023, 0, 1);

export function weekdayName(day: Weekday, style: 'long' | 'short' = 'long'): string {
  const format = new Intl.DateTimeFormat(locale.tag, { weekday: style, timeZone: 'UTC' });
  return format.format(sundayMs + Number(day) * 86_400_000);
}

/** "02:30" as the language writes a time of day. */
function clockText(time: string): string {
  const format = new Intl.DateTimeFormat(locale.tag, { timeStyle: 'short', timeZone: 'UTC' });
  return format.format(Date.parse(`2023-01-01T${time}:00Z`));
}

export const listText = (
  parts: readonly string[],
  type: 'conjunction' | 'disjunction' = 'conjunction',
): string => new Intl.ListFormat(locale.tag, { type }).format(parts);

/** A pattern in words; an unusual one as it is. */
export function cronWords(cron: string): string {
  const timing = timingOfCron(cron);
  const time = clockText(timing.time);
  switch (timing.kind) {
    case 'minutes':
      return t('schedule.every.minutes', { count: Number(timing.everyMinutes) });
    case 'hours': {
      const count = Number(timing.everyHours);
      return timing.minute === '0'
        ? t('schedule.every.hours', { count })
        : t('schedule.every.hoursAt', { count, minutes: Number(timing.minute) });
    }
    case 'daily':
      return t('schedule.every.day', { time });
    case 'weekly':
      return t('schedule.every.weekdays', {
        days: listText(timing.days.map((day) => weekdayName(day))),
        time,
      });
    case 'monthly':
      return timing.monthBy === 'last'
        ? t('schedule.every.monthLast', { time })
        : timing.monthBy === 'day'
          ? t('schedule.every.monthDay', { day: Number(timing.monthDay), time })
          : t('schedule.every.monthNth', {
              nth: t(`schedule.nth.${timing.monthNth}`),
              weekday: weekdayName(timing.monthWeekday),
              time,
            });
    case 'cron':
      return t('schedule.every.pattern', { cron });
  }
}

/** A date in a time zone, with the weekday; `iso` is UTC. */
export function zoneDate(iso: string, timeZone: string, style: 'long' | 'short' = 'long'): string {
  return new Intl.DateTimeFormat(locale.tag, {
    timeZone,
    weekday: style === 'long' ? 'long' : 'short',
    day: 'numeric',
    month: style,
    ...(style === 'long' && { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(iso));
}

export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

export const stepName = (step: ScheduleStep): string => t(`schedule.step.${choiceOf(step)}`);

/** That there are security updates is said by a step that installs them alone. */
export const stepText = (step: ScheduleStep): string =>
  step.condition === 'always' || (step.condition === 'if_security' && step.packages === 'security')
    ? stepName(step)
    : `${stepName(step)}, ${t(`schedule.if.${step.condition}`)}`;

/** Where, in words. `viewName`: what its saved view is called now, where that is known. */
export function scopeWords(scope: ScheduleScope, tags: readonly Tag[], viewName?: string): string {
  const names = (ids: readonly string[]) =>
    listText(
      ids.map((id) => tags.find((tag) => tag.id === id)?.name ?? t('schedule.scope.words.goneTag')),
      'disjunction',
    );
  if (scope.by === 'machines') {
    return t('schedule.scope.words.machines', { count: scope.machineIds.length });
  }
  const parts: string[] = [];
  switch (scope.by) {
    case 'all':
      parts.push(t('schedule.scope.words.all'));
      break;
    case 'view':
      parts.push(t('schedule.scope.words.view', { name: viewName ?? scope.viewName }));
      break;
    case 'search':
      if (scope.filter !== 'machines') {
        parts.push(
          t('schedule.scope.words.figure', {
            figure: t(`schedule.scope.figure.${scope.filter}`).toLocaleLowerCase(locale.tag),
          }),
        );
      }
      if (scope.query !== '') parts.push(t('schedule.scope.words.query', { text: scope.query }));
      break;
    case 'filter':
      if (scope.kinds.length > 0) {
        const kinds = listText(
          scope.kinds.map((kind) => t(`machineKind.${kind}`)),
          'disjunction',
        );
        parts.push(t('schedule.scope.words.kinds', { names: kinds }));
      }
      if (scope.tagIds.length > 0) parts.push(t('schedule.scope.words.tags', { names: names(scope.tagIds) }));
      if (scope.groups.length > 0) {
        parts.push(t('schedule.scope.words.groups', { names: listText(scope.groups, 'disjunction') }));
      }
      if (scope.search !== '') parts.push(t('schedule.scope.words.search', { text: scope.search }));
  }
  if (scope.exceptTagIds.length > 0) {
    parts.push(t('schedule.scope.words.except', { names: names(scope.exceptTagIds) }));
  }
  return parts.join(', ');
}

export function windowText(minutes: number): string {
  return minutes % 60 === 0
    ? t('schedule.window.hours', { count: minutes / 60 })
    : t('schedule.window.minutes', { count: minutes });
}

/** The rules of a schedule, one sentence each. */
export function ruleTexts(schedule: Schedule): string[] {
  const { wave, concurrency: count } = schedule;
  const waves =
    wave === 'all'
      ? t('schedule.waves.words.all', { count })
      : 'percent' in wave
        ? t('schedule.waves.words.percent', { percent: formatPercent(wave.percent), count })
        : t('schedule.waves.words.sizes', { sizes: sizesText(wave.sizes), count });
  return [
    waves,
    t(`schedule.failure.words.${schedule.onFailure}`),
    ...(schedule.windowMinutes === null
      ? []
      : [t('schedule.window.words', { length: windowText(schedule.windowMinutes) })]),
    ...(schedule.asksApproval
      ? [t('schedule.approval.words', { length: waitText(schedule.approvalHours) })]
      : []),
    schedule.allowRemovals ? t('schedule.removals.words') : t('schedule.removals.not'),
    t(`schedule.catchUp.words.${schedule.catchUp}`),
    schedule.notifyOn.length === 0
      ? t('schedule.notify.never')
      : t('schedule.notify.words', {
          outcomes: listText(
            schedule.notifyOn.map((outcome) => t(`schedule.notify.${outcome}`)),
            'disjunction',
          ),
        }),
  ];
}

const runLooks: Record<ScheduleRunStatus, StatusLook> = {
  asking: 'warning',
  running: 'running',
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  stopped: 'error',
  cancelled: 'cancelled',
  skipped: 'cancelled',
};

/** How a run looks. That its saved view is gone is no run that was merely left out: none will be any more. */
export const lookOfRun = ({ status, skipReason }: ScheduleRunSummary): StatusLook =>
  skipReason === 'view_gone' ? 'error' : runLooks[status];
