import type { updates as en } from '../en/updates.ts';
import type { Message } from '../../../../shared/words/message.ts';

export const updates = {
  'nav.updates': 'Mises à jour',
  'fleetUpdates.title': 'Mises à jour',
  'fleetUpdates.tabs': 'Rubriques',
  'fleetUpdates.tab.packages': 'Paquets',
  'fleetUpdates.search': 'Chercher un paquet',
  'fleetUpdates.securityOnly': 'Sécurité seulement',
  'fleetUpdates.count': { one: '{count} mise à jour', other: '{count} mises à jour' },
  'fleetUpdates.list': 'Mises à jour du parc',
  'fleetUpdates.column.package': 'Paquet',
  'fleetUpdates.column.from': 'De',
  'fleetUpdates.column.to': 'À',
  'fleetUpdates.column.origin': 'Origine',
  'fleetUpdates.column.system': 'Système',
  'fleetUpdates.column.machines': 'En attente sur',
  'fleetUpdates.waits': { one: '{count} machine', other: '{count} machines' },
  'fleetUpdates.expand': { one: '{package} : {count} machine', other: '{package} : {count} machines' },
  'fleetUpdates.installs': 'nouveau',
  'fleetUpdates.removes': 'supprimé',
  'fleetUpdates.held': 'figé',
  'fleetUpdates.security': 'Sécurité',
  'fleetUpdates.unknownOrigin': 'Origine inconnue',
  'fleetUpdates.naming': {
    one: 'Lecture du nom de {count} machine',
    other: 'Lecture des noms de {count} machines',
  },
  'fleetUpdates.more': {
    one: 'et {count} autre machine, que la liste ne nomme pas',
    other: 'et {count} autres machines, que la liste ne nomme pas',
  },
  'fleetUpdates.upgrade': {
    one: 'Mettre à jour cette machine…',
    other: 'Mettre à jour ces {count} machines…',
  },
  'fleetUpdates.empty.title': 'Aucune mise à jour connue',
  'fleetUpdates.empty.text':
    'D’après le dernier contrôle, aucune machine n’attend de paquet. Les machines jamais contrôlées ne comptent pas.',
  'fleetUpdates.noMatch.title': 'Aucune mise à jour ne correspond',
  'fleetUpdates.noMatch.text': 'Aucun paquet en attente ne répond à cette recherche et à ce filtre.',
  'fleetUpdates.noMatch.clear': 'Afficher toutes les mises à jour',
  'fleetUpdates.never': {
    one: '{count} machine n’a jamais été contrôlée : ses mises à jour ne sont pas connues.',
    other: '{count} machines n’ont jamais été contrôlées : leurs mises à jour ne sont pas connues.',
  },
  'fleetUpdates.neverShow': 'Contrôler maintenant',

  'notices.title': 'Messages importants',
  'notices.list': 'Messages importants du parc',
  'notices.category': 'Catégorie',
  'notices.category.all': 'Toutes les catégories',
  'notices.state': 'État',
  'notices.state.open': 'Ouverts',
  'notices.state.acknowledged': 'Pris en compte',
  'notices.count': { one: '{count} message', other: '{count} messages' },
  'notices.support': 'Support de la version',
  'notices.machines': { one: '{count} machine', other: '{count} machines' },
  'notices.firstSeen': 'Vu d’abord',
  'notices.lastSeen': 'Vu en dernier',
  'notices.source': 'Donné par',
  'notices.source.apt': 'APT',
  'notices.source.docker': 'Docker',
  'notices.source.post_install': 'Un profil',
  'notices.source.ssh': 'SSH',
  'notices.source.system': 'Le système',
  'notices.component': 'Concerne',
  'notices.package': 'Paquet',
  'notices.acknowledge': {
    one: 'Prendre en compte sur {count} machine',
    other: 'Prendre en compte sur {count} machines',
  },
  'notices.reopen': 'Rouvrir',
  'notices.notReopened': 'Ce n’est plus vrai sur aucune machine : cela reste réglé.',
  'notices.acknowledged': {
    one: 'Pris en compte sur {count} machine',
    other: 'Pris en compte sur {count} machines',
  },
  'notices.empty.title': 'Aucun message ouvert',
  'notices.empty.text':
    'Ce que les machines signalent pendant les contrôles et les exécutions, et la fin du support de leur version, apparaît ici.',
  'notices.noMatch.title': 'Aucun message ici',
  'notices.noMatch.text': 'Aucun n’a cet état et cette catégorie.',
  'notices.oneTold':
    'Tel qu’une des machines l’a donné ; les heures et numéros de processus sont ceux de cette machine.',

  'notice.support_ends_soon': '{release} : le support régulier se termine le {on}.',
  'notice.support_lts_only':
    '{release} : le support régulier s’est terminé le {on} ; celui à long terme dure jusqu’au {until}.',
  'notice.support_ended':
    '{release} : le support s’est terminé le {on} ; il n’y a plus de mises à jour de sécurité.',
  'notice.support_ended.except':
    '{release} : le support s’est terminé le {on} ; il n’y a plus de mises à jour de sécurité, sauf par un programme payant ou sur inscription jusqu’au {until}.',

  'attention.title': 'Ce qui demande votre attention',
  'attention.removes': {
    one: 'La mise à niveau supprime {packages}',
    other: 'La mise à niveau supprime {count} paquets : {packages}',
  },
  'attention.held': { one: '{packages} est figé', other: '{count} paquets figés : {packages}' },
  'attention.kept_back': { one: '{packages} est retenu', other: '{count} paquets retenus : {packages}' },
  'attention.lists_old': {
    one: 'Les listes de paquets datent d’un jour',
    other: 'Les listes de paquets datent de {count} jours',
  },
  'attention.more': '+{count}',

  'support.title': 'Version du système',
  'support.ends_soon': 'Fin du support {date}',
  'support.lts_only': 'LTS seulement',
  'support.ended': 'Support terminé',
  'support.ends_soon.detail': 'Le support de sécurité normal de cette version se termine le {date}.',
  'support.lts_only.detail':
    'Le support normal est terminé ; le programme à long terme dure jusqu’au {date}.',
  'support.ended.detail':
    'Le dernier programme de support gratuit de cette version s’est terminé le {date} : plus de correctifs de sécurité.',
} as const satisfies Record<keyof typeof en, Message>;
