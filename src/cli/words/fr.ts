import { fr as shared } from '../../shared/words/fr/index.ts';
import type { Message } from '../../shared/words/message.ts';
import type { en } from './en.ts';

/** French. */
export const fr = {
  ...shared,
  'cli.help': `homeport : le parc depuis un terminal. Si l’application tourne, il passe par elle, sinon il travaille seul.

  homeport list [MACHINE…]                    les machines et leurs mises à jour
  homeport refresh MACHINE…                   examiner à nouveau des machines
  homeport upgrade MACHINE…                   montrer le plan, demander, l’appliquer, le suivre
      --full                                  avec paquets nouveaux et supprimés
      --refresh                               examiner à nouveau d’abord
      --plan=EMPREINTE                        ce plan seulement (une machine)
      --conffiles=keep|take_new|stop_before   fichiers de configuration modifiés
  homeport reboot MACHINE… [--unverified]     redémarrer et attendre le retour
  homeport run ACTION MACHINE…                toute autre action, comme machine_probe
  homeport jobs [--active] [MACHINE…]         ce qui attend, tourne et est fini
  homeport jobs follow|cancel ID…
  homeport report [ID | --machine=MACHINE]    les rapports, ou l’un d’eux en Markdown
  homeport requests [show|approve|reject ID]  ce qui attend une approbation
  homeport serve [--port=N] [--no-open]       servir l’interface à un navigateur

Machines : noms ou ids, --tag=ÉTIQUETTE (répétable), ou --all.
  --yes       ne pas demander     --ask [--note=TEXTE]  demander l’approbation de quelqu’un d’autre
  --no-wait   ne pas suivre       --json                données en JSON sur la sortie standard
  --limit=N   tant de lignes      --lang=en|fr          parler cette langue
  --data-dir=DOSSIER              --passphrase-stdin    phrase secrète du coffre, première ligne de l’entrée standard

Se termine par 0 fait, 1 un échec, 2 mauvais usage, 3 une personne doit décider, 4 données indisponibles, 130 quitté par Ctrl-C.
`,

  'cli.noCommand': 'homeport n’a pas de commande {command}. homeport --help les donne.',
  'cli.number': '{option} prend un nombre de 1 à {most}.',
  'cli.oneOf': '{option} prend l’un de {values}.',
  'cli.action': 'homeport run prend l’un de : {values}.',
  'cli.error': '{title}. {remedy} ({kind})',
  'cli.errorWhy': '{title} : {why} {remedy} ({kind})',
  'cli.busy': 'Un autre Homeport utilise {dataDir} et ne répond pas.',

  'cli.head.machine': 'MACHINE',
  'cli.head.machines': 'MACHINES',
  'cli.head.address': 'ADRESSE',
  'cli.head.status': 'ÉTAT',
  'cli.head.updates': 'MISES À JOUR',
  'cli.head.security': 'SÉCURITÉ',
  'cli.head.reboot': 'REDÉMARRAGE',
  'cli.head.analysed': 'ANALYSÉE',
  'cli.head.tags': 'ÉTIQUETTES',
  'cli.head.action': 'ACTION',
  'cli.head.when': 'QUAND',
  'cli.head.job': 'TÂCHE',
  'cli.head.error': 'ERREUR',
  'cli.head.report': 'RAPPORT',
  'cli.head.title': 'TITRE',
  'cli.head.request': 'DEMANDE',
  'cli.head.changes': 'CHANGEMENTS',
  'cli.head.expires': 'EXPIRE',
  'cli.yes': 'oui',
  'cli.no': 'non',
  'cli.never': 'jamais',

  'cli.machine.unknown': 'Inconnu',
  'cli.machine.online': 'En ligne',
  'cli.machine.unreachable': 'Injoignable',
  'cli.machine.blocked': 'Bloquée',
  'cli.machine.error': 'Erreur',
  'cli.machines.none': 'Aucune machine.',
  'cli.machines.which': 'Quelles machines ? Donnez des noms, --tag ou --all.',
  'cli.machines.notThere': 'Il n’y a pas de machine {name}.',
  'cli.machines.several': '{name} est le nom de {count} machines. Donnez son id : homeport list --json.',
  'cli.machines.noTag': 'Aucune machine n’a l’étiquette {tag}.',
  'cli.machines.allAlone': '--all ne prend ni noms ni étiquettes.',

  'cli.vault.locked':
    'Le coffre est verrouillé. Déverrouillez-le dans Homeport, ou donnez --passphrase-stdin.',
  'cli.vault.lockedAlone': 'Le coffre est verrouillé. Donnez --passphrase-stdin.',
  'cli.vault.prompt': 'Phrase secrète du coffre : ',
  'cli.vault.noPassphrase': 'Aucune phrase secrète n’a été donnée.',
  'cli.vault.fromTerminal': '--passphrase-stdin lit un tube ou un fichier, pas un terminal.',
  'cli.vault.tooLong': 'La phrase secrète sur l’entrée standard est trop longue.',

  'cli.ask.choice': '{question} [o/N] ',
  'cli.ask.nobody': 'Personne ne peut répondre ici. Donnez --yes pour continuer sans question.',
  'cli.ask.apply': { one: 'Appliquer sur une machine ?', other: 'Appliquer sur {count} machines ?' },
  'cli.ask.do': { one: 'Le faire sur une machine ?', other: 'Le faire sur {count} machines ?' },
  'cli.ask.approve': 'Approuver ?',
  'cli.nothingDone': 'Rien n’a été fait.',
  'cli.nothingToDo': 'Rien à faire.',

  'cli.jobs.none': 'Aucune tâche.',
  'cli.jobs.which': 'Quelles tâches ? homeport jobs donne leurs ids.',
  'cli.jobs.notThere': 'Il n’y a pas de tâche {id}.',
  'cli.jobs.percent': '{step} {percent} %',
  'cli.jobs.failure': '{title} ({kind})',
  'cli.jobs.left': 'Quitté. Le travail continue. Pour le suivre à nouveau : homeport jobs follow {ids}',
  'cli.jobs.leftAlone':
    'Quitté. Les exécutions continuent sur leurs machines ; le prochain Homeport les reprend, avec ce qui attend.',
  'cli.jobs.noWaitAlone':
    '--no-wait a besoin de l’application en marche : personne d’autre ne ferait le travail.',
  'cli.cancel.cancelled': '{id} : annulée',
  'cli.cancel.requested': '{id} : arrêt demandé ; il a lieu où il est sans danger',
  'cli.cancel.refused_dpkg_running': '{id} : non arrêtée, dpkg change des paquets',
  'cli.cancel.already_ended': '{id} : déjà terminée',

  'cli.plan.unknown': '{name} : pas encore analysée. D’abord : homeport refresh {name}',
  'cli.plan.none': '{name} : rien à faire (analysée {when})',
  'cli.plan.changes': {
    one: '{name} : {count} changement, plan {hash}',
    other: '{name} : {count} changements, plan {hash}',
  },
  'cli.plan.security': '(sécurité)',
  'cli.plan.missing': 'Il n’y a pas de plan à montrer. Donnez --refresh, ou actualisez d’abord.',
  'cli.plan.ofOne': '--plan vaut pour une seule machine.',
  'cli.plan.other': 'Le plan n’est plus celui qui a été donné avec --plan.',
  'cli.operation.upgrade': 'mise à niveau',
  'cli.operation.install': 'nouveau',
  'cli.operation.remove': 'supprimé',
  'cli.operation.hold': 'figé',

  'cli.report.one': 'homeport report prend un seul rapport.',
  'cli.report.none': 'Aucun rapport.',
  'cli.report.noneOf': 'Il n’y a pas encore de rapport de {name}.',

  'cli.requests.none': 'Aucune demande.',
  'cli.requests.verbs': 'homeport requests connaît list, show, approve et reject.',
  'cli.requests.one': 'homeport requests {verb} prend une seule demande.',
  'cli.requests.waits': 'Attend une approbation : homeport requests show {id}',
  'cli.requests.detail': '{action} sur {machines} : {changes}',
  'cli.requests.note': 'Note : {note}',
  'cli.requests.noPackages': 'aucun paquet',
  'cli.requests.upgraded': { one: '{count} mis à jour', other: '{count} mis à jour' },
  'cli.requests.new': { one: '{count} nouveau', other: '{count} nouveaux' },
  'cli.requests.removed': { one: '{count} supprimé', other: '{count} supprimés' },
  'cli.requests.reboots': 'redémarre',
  'cli.requests.rebootLikely': 'redémarrage probable',
  'cli.requests.changed': '{name} (le plan a changé depuis)',
  'cli.requests.decided': 'La demande est déjà décidée : {status}.',
  'cli.requests.expired': 'La demande a expiré.',
  'cli.requests.planChanged': 'Rien n’a été mis en file : le plan a changé sur {names}.',
  'cli.requests.queued': 'Mis en file. Le prochain Homeport qui démarre s’en charge.',
  'cli.requests.rejected': 'Rejetée.',
} satisfies Record<keyof typeof en, Message>;
