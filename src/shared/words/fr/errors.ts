import type { errors as en } from '../en/errors.ts';
import type { Message } from '../message.ts';

export const errors = {
  'error.fallback.name': 'cette machine',
  'error.fallback.hostname': 'l’hôte',
  'error.fallback.port': '22',
  'error.fallback.username': 'cet utilisateur',
  'error.fallback.path': 'le fichier',
  'error.fallback.package': 'un paquet',
  'error.fallback.packages': 'plusieurs paquets',
  'error.fallback.repository': 'un dépôt',
  'error.fallback.holder': 'un autre programme',
  'error.fallback.field': 'une valeur',
  'error.fallback.what': 'Ce que vous demandez',
  'error.fallback.version': 'une version plus récente',
  'error.fallback.variable': 'une variable',
  'error.fallback.service': 'un service',
  'error.fallback.image': 'l’image',
  'error.fallback.mount': 'un système de fichiers',
  'error.fallback.reference': 'le journal de l’application',
  'error.fallback.targetPort': 'en question',
  'error.fallback.jump': 'la machine de rebond',
  'error.fallback.host': 'le serveur',
  'error.fallback.reason': 'raison inconnue',
  'error.fallback.answer': 'rien',
  'error.fallback.view': 'de cette planification',
  'error.fallback.count': 'certaines',
  'error.fallback.entries': 'sans nom connu',
  'error.fallback.status': 'aucune',

  'error.invalid_input.title': 'Refusé : {field} n’est pas valide',
  'error.invalid_input.remedy': 'Corrigez et recommencez.',
  'error.not_found.title': '{what} n’existe plus',
  'error.not_found.remedy': 'Peut-être retiré dans une autre fenêtre. Revenez à la liste.',
  'error.conflict.title': 'Cela ne s’accorde pas avec l’état présent',
  'error.conflict.remedy':
    'Quelque chose a changé entre-temps, ou existe déjà. Regardez l’état présent, puis recommencez.',
  'error.not_allowed.title': 'Cela n’est pas permis d’ici',
  'error.not_allowed.remedy': 'Faites-le dans la fenêtre de l’application, en tant que son propriétaire.',
  'error.cancelled.title': 'Annulé',
  'error.cancelled.remedy': 'Relancez quand vous voulez.',
  'error.disconnected.title': 'Pas de connexion au cœur de l’application',
  'error.disconnected.remedy': 'Elle se reconnecte d’elle-même. Sinon, redémarrez l’application.',
  'error.internal.title': 'Une erreur s’est produite dans l’application',
  'error.internal.remedy': 'Réessayez. Si elle revient, copiez les détails ; {reference} en dit davantage.',

  'error.vault_locked.title': 'Le coffre est verrouillé',
  'error.vault_locked.remedy': 'Déverrouillez-le avec votre phrase secrète, puis recommencez.',
  'error.vault_not_set_up.title': 'Il n’y a pas encore de coffre',
  'error.vault_not_set_up.remedy':
    'Créez d’abord le coffre : mots de passe et clés ne sont conservés que chiffrés.',
  'error.vault_passphrase_wrong.title': 'Phrase secrète incorrecte',
  'error.vault_passphrase_wrong.remedy':
    'Vérifiez la disposition du clavier et le verrouillage des majuscules, puis ressaisissez-la.',
  'error.vault_unavailable.title': 'Le trousseau du système ne répond pas',
  'error.vault_unavailable.remedy':
    'Déverrouillez le trousseau de votre session, ou protégez le coffre par une phrase secrète.',
  'error.secret_unreadable.title': 'Un secret enregistré ne peut pas être déchiffré',
  'error.secret_unreadable.remedy': 'Saisissez à nouveau le mot de passe ou la clé de {name}.',

  'error.database_newer.title': 'Les données ont été écrites par une version plus récente',
  'error.database_newer.remedy': 'Installez cette version ou une suivante. Rien n’a été modifié.',
  'error.database_corrupt.title': 'La base de données est endommagée',
  'error.database_corrupt.remedy':
    'Restaurez la dernière sauvegarde du répertoire des données. Rien n’est plus écrit d’ici là.',
  'error.database_migration_failed.title':
    'La base de données n’a pas pu être mise au niveau de cette version',
  'error.database_migration_failed.remedy':
    'La copie faite juste avant se trouve à côté de la base. Revenez à la version précédente, ou signalez-le avec les détails.',
  'error.database_busy.title': 'La base de données est utilisée par un autre programme',
  'error.database_busy.remedy': 'Fermez l’autre instance ou l’outil qui l’a ouverte, puis réessayez.',
  'error.local_disk_full.title': 'Le disque de cet ordinateur est plein',
  'error.local_disk_full.remedy': 'Libérez de la place là où se trouve {path}, puis réessayez.',

  'error.ssh_unreachable.title': 'Impossible de joindre {hostname}',
  'error.ssh_unreachable.remedy':
    'Vérifiez que la machine est allumée et que le réseau, le VPN ou un pare-feu laisse passer le port {port}.',
  'error.ssh_name_unresolved.title': 'Aucune adresse trouvée pour {hostname}',
  'error.ssh_name_unresolved.remedy': 'Vérifiez l’orthographe et le DNS, ou utilisez l’adresse IP.',
  'error.ssh_connection_refused.title': 'Le port {port} de {hostname} refuse la connexion',
  'error.ssh_connection_refused.remedy':
    'Vérifiez le port, et que le serveur SSH y tourne : systemctl status ssh.',
  'error.ssh_timeout.title': 'Pas de réponse de {hostname} à temps',
  'error.ssh_timeout.remedy':
    'La machine est peut-être éteinte, surchargée ou derrière un pare-feu muet. Réessayez plus tard.',
  'error.ssh_auth_failed.title': 'Connexion en tant que {username} refusée par {hostname}',
  'error.ssh_auth_failed.remedy':
    'Vérifiez le nom d’utilisateur, le mot de passe ou la clé de {name}, et ce que son serveur SSH accepte.',
  'error.ssh_key_unreadable.title': 'La clé privée ne peut pas être lue',
  'error.ssh_key_unreadable.remedy':
    'Vérifiez que {path} existe, que vous pouvez le lire et qu’il s’agit d’une clé privée OpenSSH ou PEM, pas de sa moitié publique.',
  'error.ssh_key_passphrase_wrong.title': 'Phrase secrète de la clé privée incorrecte',
  'error.ssh_key_passphrase_wrong.remedy': 'Ressaisissez la phrase secrète de la clé de {name}.',
  'error.ssh_agent_unavailable.title': 'Aucun agent SSH ne répond sur cet ordinateur',
  'error.ssh_agent_unavailable.remedy':
    'Démarrez l’agent et ajoutez-y la clé (ssh-add), ou choisissez un fichier de clé.',
  'error.ssh_host_key_unknown.title': 'La clé d’hôte de {name} n’est pas encore approuvée',
  'error.ssh_host_key_unknown.remedy': 'Comparez l’empreinte à celle affichée sur l’hôte, puis approuvez-la.',
  'error.ssh_host_key_changed.title': 'La clé d’hôte de {name} a changé',
  'error.ssh_host_key_changed.remedy':
    'Tout échange avec cette machine est bloqué. Si elle a été réinstallée, comparez la nouvelle empreinte sur sa console et approuvez-la ; sinon, quelqu’un s’est peut-être interposé.',
  'error.ssh_host_key_rejected.title': 'La clé d’hôte de {name} a été rejetée',
  'error.ssh_host_key_rejected.remedy':
    'Rien ne lui est envoyé. Approuvez la clé sur sa page si le rejet était une erreur.',
  'error.ssh_algorithm_mismatch.title': 'Aucun algorithme commun avec {hostname}',
  'error.ssh_algorithm_mismatch.remedy':
    'Son serveur SSH est ancien. Mettez-le à jour, ou autorisez les algorithmes anciens dans les réglages de cette machine.',
  'error.ssh_jump_failed.title': 'Impossible d’atteindre {hostname} par {jump}',
  'error.ssh_jump_failed.remedy':
    'Testez d’abord la connexion de la machine de rebond, et vérifiez qu’elle peut relayer des connexions.',
  'error.ssh_connection_lost.title': 'Connexion à {name} perdue',
  'error.ssh_connection_lost.remedy':
    'Ce qui a été lancé sur la machine y continue ; le résultat est recueilli au prochain contact.',
  'error.ssh_channel_refused.title': '{hostname} refuse une session de plus',
  'error.ssh_channel_refused.remedy':
    'Fermez d’autres sessions, ou augmentez MaxSessions dans son sshd_config.',

  'error.sftp_unavailable.title': '{name} n’offre pas d’accès aux fichiers',
  'error.sftp_unavailable.remedy':
    'Son serveur SSH n’a pas de sous-système SFTP. Cherchez « Subsystem sftp » dans /etc/ssh/sshd_config.',
  'error.file_not_found.title': '{path} n’est pas là',
  'error.file_not_found.remedy': 'Déplacé ou supprimé entre-temps. Relisez le répertoire.',
  'error.file_permission.title': 'Le compte n’a pas ce droit sur {path}',
  'error.file_permission.remedy':
    'Les fichiers sont lus avec les droits du compte, sans sudo. Choisissez un répertoire qui lui appartient, ou un terminal.',
  'error.file_exists.title': '{path} existe déjà',
  'error.file_exists.remedy': 'Choisissez un autre nom, ou remplacez-le exprès.',
  'error.file_changed.title': '{path} a changé entre-temps',
  'error.file_changed.remedy': 'Rien n’a été écrasé. Regardez ce qui s’y trouve, puis choisissez.',
  'error.file_too_large.title': '{path} est trop grand pour être modifié ici',
  'error.file_too_large.remedy':
    'La limite est de 1 Mo. Téléchargez-le, ou utilisez un éditeur dans un terminal.',
  'error.tar_missing.title': '{name} n’a pas tar',
  'error.tar_missing.remedy':
    'Un répertoire est téléchargé comme archive faite par le tar de la machine. Installez le paquet tar, ou téléchargez les fichiers un par un.',
  'error.archive_incomplete.title': '{path} n’est pas entier dans l’archive',
  'error.archive_incomplete.remedy':
    'L’identifiant de Homeport sur {name} n’a pas pu lire {count} de ses entrées, ou elles ont changé entre-temps : {entries}.',
  'error.file_not_text.title': '{path} n’est pas du texte',
  'error.file_not_text.remedy': 'Seul le texte UTF-8 se modifie ici. Le fichier peut être téléchargé.',
  'error.file_name_unusable.title': 'Le nom de ce fichier ne peut pas être écrit',
  'error.file_name_unusable.remedy':
    'Il n’est pas en UTF-8 et SFTP ne peut pas le désigner d’ici. Renommez-le dans un terminal.',
  'error.file_failed.title': 'La machine a refusé pour {path}',
  'error.file_failed.remedy':
    'Elle ne dit pas pourquoi : un quota, un répertoire non vide ou un vieux serveur sont possibles.',

  'error.forward_port_in_use.title': 'Le port {targetPort} de {host} est pris',
  'error.forward_port_in_use.remedy':
    'Un autre programme ou une autre redirection y écoute. Choisissez un autre port.',
  'error.forward_port_denied.title': 'Le port {targetPort} ne peut pas être utilisé',
  'error.forward_port_denied.remedy':
    'Sous 1024, il faut des droits que Homeport n’a pas. Choisissez un port plus élevé.',
  'error.forward_address_unusable.title': 'Cet ordinateur n’a pas l’adresse {host}',
  'error.forward_address_unusable.remedy': 'Écoutez sur 127.0.0.1, ou sur une adresse de cet ordinateur.',
  'error.forward_refused.title': '{name} n’écoute pas sur le port {targetPort}',
  'error.forward_refused.remedy':
    'Le port y est pris, inférieur à 1024 pour un compte autre que root, ou AllowTcpForwarding l’interdit.',
  'error.forward_prohibited.title': '{name} interdit cette redirection',
  'error.forward_prohibited.remedy':
    'Voyez AllowTcpForwarding et PermitOpen dans /etc/ssh/sshd_config de la machine.',
  'error.forward_unreachable.title': 'Rien ne répond à {host}:{targetPort}',
  'error.forward_unreachable.remedy': 'La redirection tient. Vérifiez la cible et que son programme tourne.',

  'error.sudo_password_wrong.title': 'Mot de passe sudo de {username} incorrect sur {name}',
  'error.sudo_password_wrong.remedy': 'Ressaisissez le mot de passe sudo dans les réglages de la machine.',
  'error.sudo_password_missing.title': 'sudo demande un mot de passe sur {name}',
  'error.sudo_password_missing.remedy':
    'Enregistrez le mot de passe sudo dans les réglages de la machine, ou autorisez les commandes sans lui.',
  'error.sudo_not_allowed.title': 'sudo n’est pas permis à {username} sur {name}',
  'error.sudo_not_allowed.remedy':
    'Ajoutez l’utilisateur au groupe sudo ou donnez-lui une règle sudoers, ou connectez-vous autrement.',
  'error.sudo_missing.title': 'sudo n’est pas installé sur {name}',
  'error.sudo_missing.remedy': 'Installez-le en tant que root (apt install sudo), ou connectez-vous en root.',

  'error.apt_lock_busy.title': 'APT est occupé sur {name} par {holder}',
  'error.apt_lock_busy.remedy':
    'Attendez qu’il ait fini, puis réessayez. Ne supprimez jamais le fichier de verrou.',
  'error.dpkg_interrupted.title': 'Une installation antérieure a été interrompue sur {name}',
  'error.dpkg_interrupted.remedy': 'Lancez-y dpkg --configure -a en root, puis réessayez.',
  'error.apt_unmet_dependencies.title': 'Des dépendances ne s’accordent pas sur {name}',
  'error.apt_unmet_dependencies.remedy':
    'En cause : {packages}. Lancez-y apt --fix-broken install et lisez ce qu’il propose ; un paquet gelé ou un dépôt étranger en est souvent la raison.',
  'error.apt_repository_unreachable.title': 'Un dépôt de paquets est injoignable depuis {name}',
  'error.apt_repository_unreachable.remedy':
    'Vérifiez réseau, DNS et mandataire de la machine pour {repository}. Les comptes peuvent être périmés.',
  'error.apt_repository_signature.title': 'La signature de {repository} n’est pas valide',
  'error.apt_repository_signature.remedy':
    'Sa clé a expiré ou manque : récupérez la nouvelle chez l’éditeur. Si la clé est bonne, les listes ont été modifiées en route (un mandataire, un miroir copié à moitié) : réessayez plus tard. Ne désactivez pas le contrôle.',
  'error.apt_repository_release_changed.title': '{repository} a changé ses informations de publication',
  'error.apt_repository_release_changed.remedy':
    'Vérifiez que ce changement est voulu (une nouvelle stable, par exemple), puis lancez-y apt update et acceptez-le.',
  'error.apt_sources_malformed.title': 'La liste des sources de paquets de {name} comporte une erreur',
  'error.apt_sources_malformed.remedy': 'Corrigez {path} dans /etc/apt sur la machine, puis actualisez.',
  'error.apt_package_failed.title': 'L’installation de {package} a échoué sur {name}',
  'error.apt_package_failed.remedy':
    'Le journal de l’exécution montre le script en échec. Corrigez la cause, puis lancez dpkg --configure -a.',
  'error.apt_disk_full.title': 'Pas assez de place pour les paquets sur {name}',
  'error.apt_disk_full.remedy':
    'Libérez de la place sur {mount} : apt clean, anciens noyaux (apt autoremove), journaux. Puis réessayez.',
  'error.apt_conffile_prompt.title': 'Un fichier de configuration modifié attend une décision sur {name}',
  'error.apt_conffile_prompt.remedy':
    'En cause : {path}. Choisissez de garder le vôtre ou de prendre le nouveau, puis relancez.',
  'error.apt_plan_changed.title': 'Le plan de {name} a changé depuis que vous l’avez vu',
  'error.apt_plan_changed.remedy': 'Rien n’a été installé. Regardez le nouveau plan et appliquez celui-là.',
  'error.apt_missing.title': 'Il n’y a pas d’APT sur {name}',
  'error.apt_missing.remedy':
    'Seuls les systèmes de la famille Debian sont pris en charge. Retirez la machine ou corrigez son adresse.',

  'error.docker_not_installed.title': 'Docker n’est pas installé sur {name}',
  'error.docker_not_installed.remedy': 'Installez-le, ou laissez la machine sans piles.',
  'error.docker_permission.title': '{username} ne peut pas utiliser Docker sur {name}',
  'error.docker_permission.remedy': 'Ajoutez l’utilisateur au groupe docker, ou autorisez-le par sudo.',
  'error.docker_daemon_down.title': 'Le démon Docker ne tourne pas sur {name}',
  'error.docker_daemon_down.remedy':
    'Démarrez-le : systemctl start docker, et lisez son journal s’il s’arrête encore.',
  'error.docker_compose_missing.title': 'Docker Compose manque sur {name}',
  'error.docker_compose_missing.remedy': 'Installez-y docker-compose-plugin ou docker-compose.',
  'error.docker_compose_invalid.title': 'Le fichier Compose comporte une erreur sur {name}',
  'error.docker_compose_invalid.remedy': 'Corrigez {path} ; docker compose config montre où.',
  'error.docker_pull_denied.title': 'Le registre refuse {image}',
  'error.docker_pull_denied.remedy': 'Vérifiez le nom de l’image et connectez {name} au registre.',
  'error.docker_pull_rate_limited.title': 'Le registre limite le nombre de téléchargements',
  'error.docker_pull_rate_limited.remedy':
    'Attendez le renouvellement de la limite, ou connectez-vous au registre pour en avoir une plus haute.',
  'error.docker_registry_unreachable.title': 'Le registre d’images est injoignable depuis {name}',
  'error.docker_registry_unreachable.remedy':
    'Vérifiez réseau, DNS et mandataire de la machine, puis réessayez.',
  'error.docker_service_unhealthy.title': 'Le service {service} n’est pas en bonne santé sur {name}',
  'error.docker_service_unhealthy.remedy':
    'Lisez son journal, puis corrigez-le ou revenez à la version précédente.',

  'error.reboot_command_failed.title': 'Le redémarrage de {name} n’a pas pu être lancé',
  'error.reboot_command_failed.remedy':
    'Vérifiez que {username} a le droit de la redémarrer (sudo) et que rien ne l’empêche.',
  'error.reboot_ssh_never_went_down.title': '{name} ne s’est pas arrêtée',
  'error.reboot_ssh_never_went_down.remedy': 'Un service bloque peut-être l’arrêt. Regardez sa console.',
  'error.reboot_machine_did_not_return.title': 'Aucun signe de {name} depuis son redémarrage',
  'error.reboot_machine_did_not_return.remedy':
    'Regardez sa console, ou attendez : un contrôle de disque peut durer.',
  'error.reboot_boot_id_unchanged.title': '{name} répond mais n’a pas redémarré',
  'error.reboot_boot_id_unchanged.remedy': 'Seul le réseau a disparu. Relancez le redémarrage.',
  'error.reboot_timeout.title': 'Le redémarrage de {name} dure plus que prévu',
  'error.reboot_timeout.remedy': 'Regardez sa console ; actualisez quand elle est revenue.',

  'error.template_variable_missing.title': 'Il manque une valeur pour {variable}',
  'error.template_variable_missing.remedy':
    'Remplissez-la, puis réessayez. Rien n’a été envoyé à la machine.',
  'error.execution_interrupted.title': 'L’exécution sur {name} a été interrompue',
  'error.execution_interrupted.remedy':
    'La machine a redémarré, le processus a été tué, ou la connexion à laquelle l’exécution était attachée a été perdue. Actualisez pour voir son état réel ; une installation inachevée se répare alors d’ici.',
  'error.execution_timeout.title': 'L’exécution sur {name} a dépassé sa limite de temps',
  'error.execution_timeout.remedy':
    'Lisez la fin de son journal pour voir où elle en était, puis actualisez.',
  'error.execution_output_lost.title': 'La sortie de l’exécution sur {name} est perdue',
  'error.execution_output_lost.remedy':
    'Le journal ne peut pas dire ce qui a été fait. Actualisez pour voir l’état réel.',
  'error.output_unparseable.title': 'La réponse de {name} n’a pas été comprise',
  'error.output_unparseable.remedy': 'Son état est inconnu, non pas bon. Copiez les détails et signalez-les.',
  'error.output_too_large.title': 'La réponse de {name} est trop grande',
  'error.output_too_large.remedy':
    'Elle a été coupée et n’est pas utilisée. Cherchez sur la machine un programme qui écrit sans fin.',
  'error.unsupported_os.title': 'Le système de {name} n’est pas pris en charge',
  'error.unsupported_os.remedy': 'Debian, Ubuntu, Proxmox VE, Raspberry Pi OS et leurs parents le sont.',
  'error.disk_full.title': 'Un disque de {name} est plein',
  'error.disk_full.remedy': 'Libérez de la place sur {mount}, puis réessayez.',
  'error.read_only_filesystem.title': 'Un système de fichiers de {name} est en lecture seule',
  'error.read_only_filesystem.remedy':
    'Le noyau le fait après des erreurs de disque sur {mount}. Regardez dmesg et le disque avant tout.',
  'error.outward_unreachable.title': '{host} est injoignable',
  'error.outward_unreachable.remedy': 'Vérifiez l’adresse et que le serveur fonctionne ({reason}).',
  'error.outward_timeout.title': '{host} ne répond pas',
  'error.outward_timeout.remedy':
    'La connexion est prise et reste muette, ou un pare-feu la rejette. Vérifiez l’adresse et le port.',
  'error.outward_certificate.title': 'La connexion à {host} n’est pas sûre',
  'error.outward_certificate.remedy':
    'Son certificat n’a pas été accepté, ou il n’offre aucun chiffrement ({reason}). Rien n’a été envoyé.',
  'error.outward_login_failed.title': '{host} n’accepte pas l’identification',
  'error.outward_login_failed.remedy':
    'Vérifiez l’utilisateur, le mot de passe ou le jeton. Réponse : {answer}',
  'error.outward_refused.title': '{host} n’a pas pris le message',
  'error.outward_refused.remedy': 'Réponse {status} : {answer}',
  'error.schedule_pattern_invalid.title': 'Le motif ou son fuseau horaire est inutilisable',
  'error.schedule_pattern_invalid.remedy':
    'Cinq champs comme dans crontab(5), et un fuseau horaire comme Europe/Paris.',
  'error.schedule_removes_packages.title':
    'Le plan supprime des paquets, ce que cette planification ne peut pas',
  'error.schedule_removes_packages.remedy':
    'Examinez le plan de {name} et appliquez-le à la main, ou autorisez les suppressions dans la planification.',
  'error.schedule_armed.title': 'Des machines sont armées pour la prochaine exécution de cette planification',
  'error.schedule_armed.remedy': 'Reprenez-les d’abord ; la planification pourra alors être modifiée.',
  'error.schedule_view_gone.title': 'La vue enregistrée {view} n’existe plus',
  'error.schedule_view_gone.remedy':
    'La planification ne s’exécute pas sans elle. Choisissez d’autres machines dans la planification, ou une autre vue.',
  'error.systemd_missing.title': '{name} n’a pas de systemd qui puisse garder un minuteur',
  'error.systemd_missing.remedy': 'Elle ne peut pas être armée. Laissez Homeport ouvert à cette heure.',

  'error.unknown.title': 'Quelque chose a échoué sur {name} et n’est pas reconnu',
  'error.unknown.remedy': 'Lisez le journal de l’exécution. Copiez les détails si vous le signalez.',
} satisfies Record<keyof typeof en, Message>;
