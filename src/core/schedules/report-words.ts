import type { ScheduleStep } from '../../shared/contract/schedules.ts';
import type {
  JobStatus,
  RequestStatus,
  ScheduleCondition,
  ScheduleLeftReason,
  ScheduleMachineState,
  ScheduleRunStatus,
  ScheduleTrigger,
} from '../../shared/domain/unions.ts';
import { fleetReportWords, type ReportLanguage } from '../reports/index.ts';

type Ended = Exclude<ScheduleRunStatus, 'asking' | 'running' | 'skipped'>;

/** The words of the report of a schedule's run. */
const en = {
  ...fleetReportWords.en,
  title: (name: string, date: string) => `${name}, ${date}`,
  due: 'Due',
  trigger: 'Began',
  triggers: {
    due: 'on time',
    catch_up: 'later, to make up for a missed run',
    manual: 'by hand',
  } as Record<ScheduleTrigger, string>,
  missed: (n: number) => `stands for ${n} more that were missed`,
  windowEnd: 'No step after',
  viewGone: 'The saved view that says where was deleted: only what hosts had been handed was collected.',
  approval: 'Approval',
  asked: 'asked for before anything was changed',
  outcomes: {
    ok: 'done',
    warning: 'done, with something left',
    error: 'failed on some machines',
    stopped: 'stopped after a failure',
    cancelled: 'cancelled',
  } as Record<Ended, string>,
  steps: 'Steps',
  security: 'security updates only',
  conditions: {
    always: '',
    if_updates: 'if there are updates',
    if_security: 'if there are security updates',
    if_reboot_needed: 'if a reboot is needed',
  } as Record<ScheduleCondition, string>,
  done: 'What was done',
  byHost: 'by the machine itself',
  states: {
    waiting: 'waiting',
    active: 'at work',
    held: 'waits for approval',
    armed: 'handed to the machine',
    ok: 'done',
    warning: 'done, with warnings',
    error: 'failed',
    left: 'left',
  } as Record<ScheduleMachineState, string>,
  results: {
    queued: 'queued',
    running: 'running',
    ok: 'succeeded',
    warning: 'succeeded, with warnings',
    error: 'failed',
    cancelled: 'cancelled',
  } as Record<JobStatus, string>,
  approved: 'approved',
  decisions: {
    pending: 'not decided',
    approved: 'approved',
    executed: 'approved',
    rejected: 'rejected',
    expired: 'not approved in time',
    withdrawn: 'not decided before the end',
  } as Record<RequestStatus, string>,
  notNeeded: 'not needed',
  noSecurity: 'no security updates',
  refused: 'refused',
  left: 'Left, and why',
  noneLeft: 'Nothing was left.',
  notBegun: 'not begun',
  reasons: {
    window: 'the window had ended',
    failure: 'another machine had failed',
    cancelled: 'cancelled',
    rejected: 'rejected',
    undecided: 'nobody approved it in time',
    missed: 'Homeport was not there',
    not_run: 'the machine did not run it',
    expired: 'the machine came to it too late',
  } as Record<ScheduleLeftReason, string>,
};
export type ScheduleReportWords = typeof en;

const fr: ScheduleReportWords = {
  ...fleetReportWords.fr,
  title: (name, date) => `${name}, ${date}`,
  due: 'Prévue',
  trigger: 'Commencée',
  triggers: {
    due: 'à l’heure',
    catch_up: 'plus tard, pour rattraper une exécution manquée',
    manual: 'à la main',
  },
  missed: (n) => `compte pour ${n} autres qui ont été manquées`,
  windowEnd: 'Aucune étape après',
  viewGone:
    'La vue enregistrée qui dit où a été supprimée : seul ce qui avait été confié aux hôtes a été récupéré.',
  approval: 'Approbation',
  asked: 'demandée avant tout changement',
  outcomes: {
    ok: 'terminée',
    warning: 'terminée, en laissant quelque chose',
    error: 'échouée sur certaines machines',
    stopped: 'arrêtée après un échec',
    cancelled: 'annulée',
  },
  steps: 'Étapes',
  security: 'correctifs de sécurité seuls',
  conditions: {
    always: '',
    if_updates: 's’il y a des mises à jour',
    if_security: 's’il y a des correctifs de sécurité',
    if_reboot_needed: 'si un redémarrage est nécessaire',
  },
  done: 'Ce qui a été fait',
  byHost: 'par la machine elle-même',
  states: {
    waiting: 'en attente',
    active: 'au travail',
    held: 'attend une approbation',
    armed: 'confiée à la machine',
    ok: 'terminée',
    warning: 'terminée, avec des avertissements',
    error: 'échouée',
    left: 'laissée',
  },
  results: {
    queued: 'en file',
    running: 'en cours',
    ok: 'réussie',
    warning: 'réussie, avec des avertissements',
    error: 'échouée',
    cancelled: 'annulée',
  },
  approved: 'approuvée',
  decisions: {
    pending: 'pas décidée',
    approved: 'approuvée',
    executed: 'approuvée',
    rejected: 'rejetée',
    expired: 'pas approuvée à temps',
    withdrawn: 'pas décidée avant la fin',
  },
  notNeeded: 'pas nécessaire',
  noSecurity: 'pas de correctifs de sécurité',
  refused: 'refusée',
  left: 'Laissées, et pourquoi',
  noneLeft: 'Rien n’a été laissé.',
  notBegun: 'pas commencées',
  reasons: {
    window: 'la fenêtre était terminée',
    failure: 'une autre machine avait échoué',
    cancelled: 'annulée',
    rejected: 'rejetée',
    undecided: 'personne ne l’a approuvée à temps',
    missed: 'Homeport n’était pas là',
    not_run: 'la machine ne l’a pas exécutée',
    expired: 'la machine y est venue trop tard',
  },
};

export const scheduleReportWords: Record<ReportLanguage, ScheduleReportWords> = { en, fr };

/** A step as the report names it: "Full upgrade, security updates only". */
export const stepName = (w: ScheduleReportWords, { action, packages }: ScheduleStep): string =>
  packages === 'security' ? `${w.actions[action]}, ${w.security}` : w.actions[action];
