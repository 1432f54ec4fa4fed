import type { maintenance as en } from '../en/maintenance.ts';
import type { Message } from '../../../../shared/words/message.ts';

export const maintenance = {
  'remedy.retry': 'Réessayer',
  'remedy.repair': 'Réparer',
  'remedy.refresh': 'Actualiser les listes',
  'remedy.showPlan': 'Voir le nouveau plan',
  'remedy.decide': 'Décider et relancer',
  'remedy.testConnection': 'Tester la connexion',
  'remedy.unlock': 'Ouvrir le coffre',
  'remedy.settings': 'Réglages de la machine',
  'remedy.hostKey': 'Vérifier l’empreinte',
  'remedy.clean': 'Vider le cache des paquets',
  'remedy.of': '{remedy} : {name}',
  'remedy.planDiffers':
    'Le plan de {name} a changé. Rien n’a été démarré : regardez-le, puis appliquez celui-là.',

  'lock.waiting': 'En attente que {command} (processus {pid}) en ait fini avec les paquets',
  'lock.unknown': 'un programme',

  'maintain.menu': 'Autres actions pour {name}',
  'maintain.reboot': 'Redémarrer et vérifier',
  'maintain.repair': 'Réparer les paquets',
  'maintain.clean': 'Vider le cache des paquets',
  'maintain.autoremove': 'Voir les paquets inutiles',

  'repair.title': 'Réparer les paquets de {name}',
  'repair.text': 'Voici ce qui va se passer sur {host} :',
  'repair.configure': 'Ce qui est resté à moitié installé est configuré (dpkg --configure -a).',
  'repair.fix':
    'Les dépendances manquantes sont installées là où cela suffit (apt-get --fix-broken install).',
  'repair.stops': 'S’il fallait supprimer un paquet, tout s’arrête, rien n’est supprimé et il est nommé.',
  'repair.keeps': 'Les fichiers de configuration modifiés de la machine sont gardés.',
  'repair.pending': {
    one: '{count} paquet est connu pour être à moitié installé :',
    other: '{count} paquets sont connus pour être à moitié installés :',
  },
  'repair.confirm': 'Réparer',

  'clean.title': 'Vider le cache des paquets de {name}',
  'clean.text':
    'Sur {host}, les fichiers de paquets téléchargés sous /var/cache/apt sont effacés. Aucun paquet installé ne change. Ce qui resservira sera téléchargé de nouveau.',
  'clean.confirm': 'Vider',

  'reboot.title': { one: 'Redémarrer {count} machine', other: 'Redémarrer {count} machines' },
  'reboot.titleOne': 'Redémarrer {name}',
  'reboot.text':
    'Tout ce qui y tourne s’arrête, et les sessions ouvertes sont coupées. Jusqu’à son retour, elle ne sert plus personne.',
  'reboot.textMany':
    'Sur chacune, tout ce qui tourne s’arrête, et les sessions ouvertes sont coupées. Jusqu’à son retour, une machine ne sert plus personne.',
  'reboot.who': 'On ne sait pas qui y est connecté ou y travaille.',
  'reboot.refuses': 'C’est refusé tant que des paquets y sont en cours de modification.',
  'reboot.notAsked': 'Rien ne demande un redémarrage.',
  'reboot.notKnown': 'On ne sait pas si un redémarrage est nécessaire.',
  'reboot.asked': 'Le demande sans dire pourquoi.',
  'reboot.how': 'Ensuite',
  'reboot.how.reboot_verified': 'Attendre et vérifier',
  'reboot.how.reboot_verifiedHelp':
    'Homeport attend qu’elle réponde de nouveau, et ne la dit redémarrée que si son identifiant de démarrage est nouveau.',
  'reboot.how.reboot': 'Envoyer seulement la commande',
  'reboot.how.rebootHelp': 'Son retour n’est pas vérifié.',
  'reboot.confirm': { one: 'Redémarrer {count} machine', other: 'Redémarrer {count} machines' },
  'reboot.confirmOne': 'Redémarrer {name}',
  'reboot.skipped': {
    one: '{count} machine est laissée de côté : quelque chose y tourne, ou sa clé d’hôte n’est pas approuvée.',
    other:
      '{count} machines sont laissées de côté : quelque chose y tourne, ou leur clé d’hôte n’est pas approuvée.',
  },
  'reboot.nothing': 'Aucune de ces machines ne peut être redémarrée maintenant.',
  'reboot.list': 'Machines à redémarrer',
  'reboot.hold': 'Maintenez le bouton pour confirmer.',

  'rebootReason.marker_file': 'Le système le demande',
  'rebootReason.newer_kernel_installed': 'Un noyau plus récent que celui qui tourne est installé',
  'rebootReason.running_kernel_removed': 'Le noyau qui tourne n’est plus installé',
  'rebootReason.needrestart_kernel': 'needrestart signale un autre noyau que celui qui tourne',

  'rebootRun.title': 'Redémarrage',
  'rebootRun.phase.prepare': 'Vérification qu’elle peut être redémarrée maintenant',
  'rebootRun.phase.going_down': 'La commande est envoyée. En attente de l’arrêt de la machine.',
  'rebootRun.phase.waiting': 'La machine est arrêtée. En attente de sa réponse.',
  'rebootRun.phase.back': 'Elle répond de nouveau. Vérification que c’est un nouveau démarrage.',
  'rebootRun.outcome.ok':
    'Redémarrée : la machine est de retour, et son identifiant de démarrage est nouveau',
  'rebootRun.outcome.reboot_command_failed':
    'La commande de redémarrage a échoué. La machine n’a pas redémarré.',
  'rebootRun.outcome.ssh_never_went_down':
    'La commande a été acceptée, mais la machine ne s’est jamais arrêtée',
  'rebootRun.outcome.machine_did_not_return': 'La machine s’est arrêtée et n’est pas revenue',
  'rebootRun.outcome.boot_id_unchanged':
    'La machine répond de nouveau, mais c’est le même démarrage qu’avant',
  'rebootRun.outcome.timeout': 'Le délai s’est écoulé avant que le retour ait pu être vérifié',
  'rebootRun.sent': 'SSH s’est interrompu après la commande. Le retour de la machine n’a pas été vérifié.',
  'rebootRun.notEnded': 'On ne sait pas comment cela s’est terminé',
  'rebootRun.elapsed': 'Depuis la commande',
  'rebootRun.expected': 'Les redémarrages précédents ont pris environ {duration}',
  'rebootRun.expectedNone': 'Aucun redémarrage précédent pour comparer',
  'rebootRun.longer': 'Plus long que les redémarrages précédents, qui ont pris environ {duration}',
  'rebootRun.limit': 'L’attente cesse après {duration}',
  'rebootRun.requested': 'Commande envoyée',
  'rebootRun.wentDown': 'Arrêt',
  'rebootRun.cameBack': 'Retour',
  'rebootRun.took': 'Durée de ce redémarrage',
  'rebootRun.next': 'Attente apprise pour le prochain',
  'rebootRun.before': 'Identifiant de démarrage avant',
  'rebootRun.after': 'Identifiant de démarrage après',
  'rebootRun.same': 'le même qu’avant',
  'rebootRun.cancel': 'Cesser d’attendre',
  'rebootRun.cancelTitle': 'Cesser d’attendre {name}',
  'rebootRun.cancelText':
    'La machine n’est pas touchée : si la commande est partie, elle redémarre quand même. Seule l’observation s’arrête, et l’issue reste inconnue.',
  'rebootRun.cancelled': 'L’attente est arrêtée. La machine n’a pas été touchée.',
  'rebootRun.cancelHelp': 'Laisse la machine en paix et n’arrête que l’observation.',
  'rebootRun.notSeen': 'non constaté',

  'select.column': 'Choisi',
  'select.one': 'Choisir {name}',
  'select.all': 'Tous',
  'select.security': { one: 'Sécurité ({count})', other: 'Sécurité ({count})' },
  'select.none': 'Aucun',
  'select.label': 'Choisir des paquets',
  'select.count': { one: '{count} choisi', other: '{count} choisis' },
  'select.simulate': 'Planifier les paquets choisis',
  'select.simulating': 'Calcul de ce que cela ferait sur la machine',
  'select.hint': 'Choisissez des paquets pour ne mettre à niveau que ceux-là.',

  'apply.titleSelected': 'Mettre à niveau les paquets choisis de {name}',
  'apply.titleUpgrade': 'Mettre à niveau {name}, nouvelles versions seules',
  'apply.titleAutoremove': 'Supprimer les paquets inutiles de {name}',
  'apply.pulled': {
    one: '{count} autre vient avec ce que vous avez choisi :',
    other: '{count} autres viennent avec ce que vous avez choisi :',
  },
  'apply.notPlanned': {
    one: '{count} de ceux choisis ne changerait pas :',
    other: '{count} de ceux choisis ne changeraient pas :',
  },
  'apply.nothing': 'Rien ne changerait. Les paquets choisis sont retenus sur la machine.',
  'apply.diskMore': '{size} d’espace disque en plus',
  'apply.diskSame': 'Espace disque inchangé',
  'apply.diskLess': '{size} d’espace disque libérés',
  'apply.conffiles.stop_before': 'S’arrêter avant',
  'apply.conffiles.stop_beforeHelp':
    'Si un tel fichier est concerné, rien n’est modifié et l’exécution nomme les fichiers.',
  'apply.edited': {
    one: '{count} fichier a été modifié sur la machine et peut recevoir une nouvelle version :',
    other: '{count} fichiers ont été modifiés sur la machine et peuvent recevoir une nouvelle version :',
  },
  'apply.boundAttached': 'Lié à ce plan : il est recalculé juste avant, et rien n’est modifié s’il diffère.',
  'manner.advanced': 'Options avancées',
  'manner.legend': 'Comment l’exécution vit sur la machine',
  'manner.detached': 'Par elle-même',
  'manner.detachedHelp':
    'Elle continue si la connexion tombe ou si Homeport est fermé. Ses fichiers restent dans /var/lib/homeport jusqu’à ce que le résultat soit enregistré.',
  'manner.attached': 'Attachée à cette connexion',
  'manner.attachedHelp':
    'Pour les machines où rien ne doit rester, ou qui tuent ce qui survit à une session. Rien n’est écrit dans /var/lib ni /run ; ses fichiers sont en mémoire (/dev/shm) jusqu’à sa fin.',
  'manner.warning':
    'Gardez Homeport ouvert et cet ordinateur éveillé et connecté jusqu’à la fin. Une connexion perdue ou Homeport fermé interrompt l’exécution : le téléchargement s’arrête, et dpkg peut être coupé en plein travail là où la machine tue ce qui reste. Une telle exécution compte comme interrompue, et le prochain contact dit si dpkg doit être réparé.',
  'run.attached': 'Attachée à la connexion',
  'run.attached.live':
    'Gardez Homeport ouvert et la connexion établie : cette exécution y est attachée et serait interrompue.',
  'run.attached.lost':
    'Cette exécution y était attachée : elle est interrompue. Homeport demande à la machine ce qu’il en est advenu.',
  'apply.editedNone': 'Aucun fichier modifié n’est connu pour être concerné.',
  'apply.autoremoveConfirm': { one: 'Supprimer {count} paquet', other: 'Supprimer {count} paquets' },
  'apply.autoremoveText': {
    one: '{count} paquet est supprimé.',
    other: '{count} paquets sont supprimés.',
  },

  'updates.disk': 'Espace disque',
  'updates.diskMore': '{size} de plus',
  'updates.diskSame': 'inchangé',
  'updates.diskLess': '{size} libérés',
  'updates.edited': {
    one: '{count} fichier de configuration a été modifié sur la machine et peut être touché par la mise à niveau complète :',
    other:
      '{count} fichiers de configuration ont été modifiés sur la machine et peuvent être touchés par la mise à niveau complète :',
  },
  'updates.pendingRepair.title': {
    one: '{count} paquet est resté à moitié installé après une exécution précédente.',
    other: '{count} paquets sont restés à moitié installés après une exécution précédente.',
  },
  'updates.pendingRepair.text':
    'La prochaine exécution commence par réparer cela. On peut aussi le faire seul.',
  'updates.autoremoveApply': { one: 'Supprimer {count} paquet', other: 'Supprimer {count} paquets' },
  'updates.autoremoveTable': 'Paquets devenus inutiles',
  'updates.autoremoveOld': 'Actualisez pour obtenir un plan applicable.',

  'changed.title': 'La machine ferait maintenant autre chose que ce que vous avez approuvé',
  'changed.text': 'Rien n’a été modifié. Voici la différence avec le plan approuvé :',
  'changed.added': { one: '{count} en plus', other: '{count} en plus' },
  'changed.gone': { one: '{count} en moins', other: '{count} en moins' },
  'changed.different': { one: '{count} dans une autre version', other: '{count} dans d’autres versions' },
  'changed.empty': 'Il n’y a plus rien à faire.',
  'changed.approve': 'Approuver le nouveau plan et l’exécuter',
  'changed.versions': '{before}, maintenant {now}',

  'differ.title': 'Pourquoi cela diffère du plan',
  'differ.extra': 'Au-delà du plan',
  'differ.missing': 'Non fait',
  'explain.changed_meanwhile': 'Quelqu’un ou quelque chose d’autre l’a modifié entre-temps',
  'explain.dependency_of': 'APT en a eu besoin pendant cette exécution, au-delà du plan',
  'explain.repair': 'La réparation d’un échec antérieur l’a fait',
  'explain.failed_script': 'dpkg ou un script du paquet a échoué',
  'explain.held': 'Il a été figé depuis',
  'explain.interrupted': 'L’exécution a été interrompue avant',
  'explain.run_failed': 'L’exécution s’est arrêtée avant',
  'explain.unknown': 'La raison n’est pas connue',
  'explain.by': 'Par : {by}',
  'run.freed': '{size} libérés',
  'run.freedNone': 'Le cache était déjà vide : rien n’a été libéré.',

  'proxy.title': 'Proxy des paquets',
  'proxy.mode': 'Comment APT atteint les dépôts',
  'proxy.mode.direct': 'Directement',
  'proxy.mode.directHelp':
    'Homeport ne règle rien. S’il avait écrit son fichier, la prochaine actualisation ou mise à niveau l’efface.',
  'proxy.mode.runtime': 'Par un proxy, à chaque exécution',
  'proxy.mode.runtimeHelp':
    'Donné à APT en option des seules exécutions de Homeport. Rien n’est écrit ; les autres usages d’APT ne changent pas.',
  'proxy.mode.persistent': 'Par un proxy, gardé dans un fichier',
  'proxy.mode.persistentHelp':
    'La prochaine actualisation ou mise à niveau l’écrit dans {file} : tout ce qui utilise APT là-bas y passe. Homeport efface ce fichier quand vous choisissez autre chose. Un fichier de ce nom qu’il n’a pas écrit est laissé tel quel.',
  'proxy.file': '/etc/apt/apt.conf.d/90homeport-proxy',
  'proxy.url': 'Adresse du proxy',
  'proxy.urlExample': 'http://proxy.lan:3142',
  'proxy.urlHelp': 'Sans utilisateur ni mot de passe : elle figure en clair sur la machine.',
  'proxy.problem.required': 'Un proxy demande une adresse.',
  'proxy.problem.url':
    'Ce n’est pas http://hôte:port ou https://hôte:port, sans utilisateur ni mot de passe.',

  'keys.reboot': 'Redémarrer',
} as const satisfies Record<keyof typeof en, Message>;
