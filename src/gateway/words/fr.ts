import type { Message } from '../../shared/words/message.ts';
import type { en } from './en.ts';

/** French. */
export const fr = {
  'host.failed': 'Homeport n’a pas pu démarrer',
  'host.failedBecause': 'Homeport n’a pas pu démarrer. {advice}',
  'host.at': 'Homeport est à l’adresse {url}',
  'host.running': 'Homeport tourne déjà.',
  'host.noBrowser':
    'Il n’y a ici ni écran ni navigateur : ouvrez cette adresse dans un navigateur. Elle sert une fois.',
  'host.browserFailed': 'Le navigateur n’a pas démarré ({reason}). Ouvrez vous-même l’adresse ci-dessus.',
  'host.stopLate': 'Homeport ne s’est pas arrêté à temps et se termine maintenant.',
  'host.help': `Homeport dans un navigateur : sert l’interface sur 127.0.0.1 et l’ouvre.

  --data-dir=DOSSIER    où tout est conservé
  --port=NUMÉRO         écouter sur ce port (sinon, un port libre)
  --no-open             afficher l’adresse, ne rien ouvrir
  --lang=en|fr          parler cette langue
  --help                ce texte
`,

  'options.unknown': 'Il n’y a pas d’option {option} ici.',
  'options.valueMissing': '{option} attend une valeur : {option}=VALEUR.',
  'options.noValue': '{option} ne prend pas de valeur.',
  'options.lang': '--lang prend en ou fr, pas {value}.',
  'options.port': '--port prend un nombre de 1 à 65535, pas {value}.',
  'options.noNames': '{value} n’est pas compris ici.',

  'advice.busy':
    'Un autre Homeport utilise {dataDir}. Fermez-le, ou donnez à celui-ci un dossier à lui : --data-dir=DOSSIER.',
  'advice.newer':
    '{dataDir} a servi en dernier à un Homeport plus récent. Démarrez cette version, ou prenez un autre --data-dir.',
  'advice.corrupt':
    'La base de données de {dataDir} est endommagée. Des copies sont dans {dataDir}/backups. {detail}',
  'advice.full': 'Le disque qui porte {dataDir} est plein. Faites de la place et redémarrez.',
  'advice.portInUse':
    'Le port {port} est pris par un autre programme. Choisissez-en un autre avec --port, ou laissez-le de côté pour un port libre.',
  'advice.portDenied':
    'Cet utilisateur ne peut pas écouter sur le port {port}. Choisissez-en un au-dessus de 1023, ou laissez --port de côté.',
  'advice.notWritable':
    'Cet utilisateur ne peut pas écrire dans {dataDir}. Corrigez son propriétaire et ses droits, ou choisissez un autre dossier avec --data-dir.',
  'advice.cannotMake': '{dataDir} ne peut pas être créé. Choisissez un autre dossier avec --data-dir.',
  'advice.noDirectory': '{dataDir} n’est pas un dossier. Choisissez-en un autre avec --data-dir.',

  'page.linkUsed.title': 'Ce lien a servi ou a expiré',
  'page.linkUsed.text':
    'Un lien ouvre Homeport une fois. Démarrez Homeport à nouveau : il affiche un nouveau lien et laisse celui qui tourne tel quel.',
  'page.noSession.title': 'Homeport ne connaît pas ce navigateur',
  'page.noSession.text':
    'Démarrez Homeport à nouveau : il affiche un lien qui l’ouvre ici, et laisse celui qui tourne tel quel.',
  'page.notAllowed.title': 'Non autorisé',
  'page.notAllowed.text': 'Homeport ne répond qu’à sa propre adresse, au lien qu’il a affiché.',
  'page.notFound.title': 'Introuvable',
  'page.notFound.text': 'Il n’y a rien à cette adresse.',
  'page.failed.title': 'Homeport a échoué',
  'page.failed.text': 'La cause est dans le journal du dossier de données.',
  'page.opening': 'Ouverture…',
  'page.goOn': 'Continuer',
} satisfies Record<keyof typeof en, Message>;
