import type { Notification } from '../../shared/contract/models.ts';
import type { ReportLanguage } from '../reports/index.ts';
import { startableActions, type StartableAction } from '../../shared/domain/unions.ts';

/** The words of a notification that the desktop shows; the page has its own in its catalogues. */
interface Words {
  readonly actions: Readonly<Record<StartableAction, string>>;
  readonly work: string;
  readonly fleet: string;
  readonly status: Readonly<Record<'ok' | 'warning' | 'failed', (what: string) => string>>;
  readonly bulk: (machines: number) => string;
  readonly hostKeyChanged: string;
  readonly hostKeyUnknown: string;
  readonly planChanged: string;
  readonly conffile: string;
  readonly vaultLocked: string;
  readonly changedByOthers: string;
  readonly request: (what: string) => string;
  readonly outwardFailed: (channel: string) => string;
  readonly schedule: Readonly<
    Record<'ok' | 'warning' | 'error' | 'stopped' | 'cancelled' | 'skipped', string>
  >;
  readonly scheduleAsks: string;
  readonly scheduleFallback: string;
  readonly several: (count: number) => string;
}

const en: Words = {
  actions: {
    apt_update_analyze: 'Refresh',
    apt_upgrade: 'Upgrade',
    apt_full_upgrade: 'Upgrade',
    apt_dist_upgrade: 'Distribution upgrade',
    apt_autoremove: 'Removal of unused packages',
    apt_clean: 'Cleaning of the package cache',
    apt_repair: 'Repair of the packages',
    reboot: 'Reboot',
    reboot_verified: 'Verified reboot',
    machine_probe: 'Probe',
  },
  work: 'Run',
  fleet: 'Fleet',
  status: {
    ok: (what) => `${what} succeeded`,
    warning: (what) => `${what} succeeded with warnings`,
    failed: (what) => `${what} failed`,
  },
  bulk: (machines) => `${machines} machines`,
  hostKeyChanged: 'The host key has changed: compare it before you go on',
  hostKeyUnknown: 'The host key waits for your approval',
  planChanged: 'The plan has changed: look at it again',
  conffile: 'Edited configuration files wait for your decision',
  vaultLocked: 'Jobs wait until the vault is unlocked',
  changedByOthers: 'Packages were changed by others',
  request: (what) => `Waits for approval: ${what}`,
  outwardFailed: (channel) => `Notifications could not be sent through ${channel}`,
  schedule: {
    ok: 'Ran without trouble',
    warning: 'Ran, with something left to look at',
    error: 'Failed on some machines',
    stopped: 'Stopped after a failure',
    cancelled: 'Was cancelled',
    skipped: 'Did not run',
  },
  scheduleAsks: 'Missed a run: shall it be made up for?',
  scheduleFallback: 'Schedule',
  several: (count) => `${count} notifications`,
};

const fr: Words = {
  actions: {
    apt_update_analyze: 'Actualisation',
    apt_upgrade: 'Mise à niveau',
    apt_full_upgrade: 'Mise à niveau',
    apt_dist_upgrade: 'Mise à niveau de la distribution',
    apt_autoremove: 'Suppression des paquets inutilisés',
    apt_clean: 'Nettoyage du cache des paquets',
    apt_repair: 'Réparation des paquets',
    reboot: 'Redémarrage',
    reboot_verified: 'Redémarrage vérifié',
    machine_probe: 'Relevé du matériel',
  },
  work: 'Exécution',
  fleet: 'Parc',
  status: {
    ok: (what) => `${what} : réussite`,
    warning: (what) => `${what} : réussite avec avertissements`,
    failed: (what) => `${what} : échec`,
  },
  bulk: (machines) => `${machines} machines`,
  hostKeyChanged: 'La clé d’hôte a changé : comparez-la avant de continuer',
  hostKeyUnknown: 'La clé d’hôte attend votre approbation',
  planChanged: 'Le plan a changé : relisez-le',
  conffile: 'Des fichiers de configuration modifiés attendent votre décision',
  vaultLocked: 'Des tâches attendent que le coffre soit déverrouillé',
  changedByOthers: 'Des paquets ont été modifiés par d’autres',
  request: (what) => `Attend une approbation : ${what}`,
  outwardFailed: (channel) => `Des notifications n’ont pas pu être envoyées par ${channel}`,
  schedule: {
    ok: 'S’est déroulée sans problème',
    warning: 'S’est déroulée, avec des points à examiner',
    error: 'A échoué sur certaines machines',
    stopped: 'Arrêtée après un échec',
    cancelled: 'A été annulée',
    skipped: 'N’a pas eu lieu',
  },
  scheduleAsks: 'A manqué une exécution : faut-il la rattraper ?',
  scheduleFallback: 'Planification',
  several: (count) => `${count} notifications`,
};

const words: Readonly<Record<ReportLanguage, Words>> = { en, fr };

/** `title` says where, `body` what. */
export interface NotificationText {
  readonly title: string;
  readonly body: string;
}

export function notificationText(
  language: ReportLanguage,
  notification: Pick<Notification, 'kind' | 'severity' | 'data' | 'machineName'>,
): NotificationText {
  const w = words[language];
  const title = notification.machineName ?? w.fleet;
  const { kind, severity, data } = notification;
  const action = startableActions.find((one) => one === data['action']);
  const what = action === undefined ? w.work : w.actions[action];
  switch (kind) {
    case 'run_ended':
      return { title, body: w.status[severity === 'info' ? 'ok' : 'warning'](what) };
    case 'run_failed':
      return { title, body: w.status.failed(what) };
    case 'bulk_ended': {
      const ended = severity === 'info' ? 'ok' : severity === 'warning' ? 'warning' : 'failed';
      const count = typeof data['machines'] === 'number' ? data['machines'] : null;
      return { title: count === null ? title : w.bulk(count), body: w.status[ended](what) };
    }
    case 'host_key':
      return { title, body: data['kind'] === 'ssh_host_key_unknown' ? w.hostKeyUnknown : w.hostKeyChanged };
    case 'plan_changed':
      return { title, body: w.planChanged };
    case 'conffile':
      return { title, body: w.conffile };
    case 'vault_locked':
      return { title: 'Homeport', body: w.vaultLocked };
    case 'changed_by_others':
      return { title, body: w.changedByOthers };
    case 'request': {
      // A run of a schedule asks about many machines.
      if (typeof data['scheduleRunId'] === 'string')
        return {
          title: typeof data['name'] === 'string' ? data['name'] : w.scheduleFallback,
          body: w.request(what),
        };
      const count = typeof data['machines'] === 'number' && data['machines'] > 1 ? data['machines'] : null;
      return { title: count === null ? title : w.bulk(count), body: w.request(what) };
    }
    case 'outward_failed':
      return { title: 'Homeport', body: w.outwardFailed(String(data['name'])) };
    case 'schedule_ended':
    case 'schedule_asks': {
      const name = typeof data['name'] === 'string' ? data['name'] : w.scheduleFallback;
      if (kind === 'schedule_asks') return { title: name, body: w.scheduleAsks };
      const status = scheduleEnds.find((one) => one === data['status']) ?? 'skipped';
      return { title: name, body: w.schedule[status] };
    }
  }
}

const scheduleEnds = ['ok', 'warning', 'error', 'stopped', 'cancelled', 'skipped'] as const;

/** Many at once are told as one. */
export function severalText(language: ReportLanguage, bodies: readonly NotificationText[]): NotificationText {
  const lines = bodies.slice(0, 4).map(({ title, body }) => `${title}: ${body}`);
  return {
    title: words[language].several(bodies.length),
    body: [...lines, ...(bodies.length > lines.length ? ['…'] : [])].join('\n'),
  };
}
