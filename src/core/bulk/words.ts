import type { BulkMachineStatus, BulkStatus } from '../../shared/domain/unions.ts';
import { fleetReportWords, type ReportLanguage } from '../reports/index.ts';

/** The words of the report of a bulk run. */
const en = {
  ...fleetReportWords.en,
  title: (action: string, machines: number, date: string) => `${action} on ${machines} machines, ${date}`,
  outcomes: {
    running: 'running',
    ok: 'succeeded',
    warning: 'succeeded, with warnings',
    error: 'failed on some machines',
    stopped: 'stopped after a failure',
    cancelled: 'cancelled',
  } as Record<BulkStatus, string>,
  status: {
    waiting: 'waiting',
    refused: 'refused',
    skipped: 'not started',
    queued: 'queued',
    running: 'running',
    ok: 'succeeded',
    warning: 'succeeded, with warnings',
    error: 'failed',
    cancelled: 'cancelled',
  } as Record<BulkMachineStatus, string>,
};

const fr: typeof en = {
  ...fleetReportWords.fr,
  title: (action, machines, date) => `${action} sur ${machines} machines, ${date}`,
  outcomes: {
    running: 'en cours',
    ok: 'réussi',
    warning: 'réussi, avec des avertissements',
    error: 'échoué sur certaines machines',
    stopped: 'arrêté après un échec',
    cancelled: 'annulé',
  },
  status: {
    waiting: 'en attente',
    refused: 'refusée',
    skipped: 'non lancée',
    queued: 'en file',
    running: 'en cours',
    ok: 'réussie',
    warning: 'réussie, avec des avertissements',
    error: 'échouée',
    cancelled: 'annulée',
  },
};

export const bulkWords: Record<ReportLanguage, typeof en> = { en, fr };
