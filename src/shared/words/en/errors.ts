/**
 * What happened and what to do, for every error kind. Placeholders are filled from the error's data; what it lacks is
 * replaced by the matching `error.fallback.*`.
 */
export const errors = {
  'error.fallback.name': 'this machine',
  'error.fallback.hostname': 'the host',
  'error.fallback.port': '22',
  'error.fallback.username': 'this user',
  'error.fallback.path': 'the file',
  'error.fallback.package': 'a package',
  'error.fallback.packages': 'some packages',
  'error.fallback.repository': 'a repository',
  'error.fallback.holder': 'another program',
  'error.fallback.field': 'a value',
  'error.fallback.what': 'What you asked for',
  'error.fallback.version': 'a newer version',
  'error.fallback.variable': 'a variable',
  'error.fallback.service': 'a service',
  'error.fallback.image': 'the image',
  'error.fallback.mount': 'a file system',
  'error.fallback.reference': 'the log of the application',
  'error.fallback.targetPort': 'in question',
  'error.fallback.jump': 'the jump host',
  'error.fallback.host': 'the server',
  'error.fallback.reason': 'no reason known',
  'error.fallback.answer': 'nothing',
  'error.fallback.view': 'of this schedule',
  'error.fallback.count': 'some',
  'error.fallback.entries': 'those are not named',
  'error.fallback.status': 'not at all',

  'error.invalid_input.title': 'Not accepted: {field} is not valid',
  'error.invalid_input.remedy': 'Correct it and try again.',
  'error.not_found.title': '{what} is no longer there',
  'error.not_found.remedy': 'It may have been removed in another window. Go back to the list.',
  'error.conflict.title': 'This does not fit the present state',
  'error.conflict.remedy':
    'Something changed in the meantime, or it exists already. Look at the present state, then try again.',
  'error.not_allowed.title': 'This is not allowed from here',
  'error.not_allowed.remedy': 'Do it in the window of the application, as the person who owns it.',
  'error.cancelled.title': 'Cancelled',
  'error.cancelled.remedy': 'Start it again when you want.',
  'error.disconnected.title': 'No connection to the core of the application',
  'error.disconnected.remedy': 'It reconnects by itself. If it does not, restart the application.',
  'error.internal.title': 'Something went wrong inside the application',
  'error.internal.remedy': 'Try again. If it comes back, copy the details; more stands in {reference}.',

  'error.vault_locked.title': 'The vault is locked',
  'error.vault_locked.remedy': 'Unlock it with your passphrase, then try again.',
  'error.vault_not_set_up.title': 'There is no vault yet',
  'error.vault_not_set_up.remedy': 'Set up the vault first: passwords and keys are only stored encrypted.',
  'error.vault_passphrase_wrong.title': 'Wrong passphrase',
  'error.vault_passphrase_wrong.remedy': 'Check the keyboard layout and Caps Lock, then type it again.',
  'error.vault_unavailable.title': 'The system keyring does not answer',
  'error.vault_unavailable.remedy':
    'Unlock the keyring of your session, or protect the vault with a passphrase.',
  'error.secret_unreadable.title': 'A stored secret cannot be decrypted',
  'error.secret_unreadable.remedy': 'Enter the password or key of {name} again.',

  'error.database_newer.title': 'The data was written by a newer version',
  'error.database_newer.remedy': 'Install that version or a later one. Nothing was changed.',
  'error.database_corrupt.title': 'The database is damaged',
  'error.database_corrupt.remedy':
    'Restore the last backup in the data directory. Nothing more is written until then.',
  'error.database_migration_failed.title': 'The database could not be brought up to date',
  'error.database_migration_failed.remedy':
    'The copy made just before stands beside the database. Go back to the previous version, or report it with the details.',
  'error.database_busy.title': 'The database is in use by another program',
  'error.database_busy.remedy': 'Close the other instance or tool that has it open, then try again.',
  'error.local_disk_full.title': 'The disk of this computer is full',
  'error.local_disk_full.remedy': 'Free some space where {path} is stored, then try again.',

  'error.ssh_unreachable.title': 'Cannot reach {hostname}',
  'error.ssh_unreachable.remedy':
    'Check that it is on and that the network, the VPN or a firewall lets port {port} through.',
  'error.ssh_name_unresolved.title': 'No address found for {hostname}',
  'error.ssh_name_unresolved.remedy': 'Check the spelling and the DNS, or use the IP address.',
  'error.ssh_connection_refused.title': 'Port {port} of {hostname} refuses the connection',
  'error.ssh_connection_refused.remedy':
    'Check the port, and that the SSH server runs there: systemctl status ssh.',
  'error.ssh_timeout.title': 'No answer from {hostname} in time',
  'error.ssh_timeout.remedy':
    'It may be off, overloaded or behind a firewall that drops packets. Try again later.',
  'error.ssh_auth_failed.title': 'Login as {username} refused by {hostname}',
  'error.ssh_auth_failed.remedy':
    'Check the user name and the password or key of {name}, and what its SSH server accepts.',
  'error.ssh_key_unreadable.title': 'The private key cannot be read',
  'error.ssh_key_unreadable.remedy':
    'Check that {path} exists, is readable by you and is a private key in OpenSSH or PEM form, not the public half.',
  'error.ssh_key_passphrase_wrong.title': 'Wrong passphrase for the private key',
  'error.ssh_key_passphrase_wrong.remedy': 'Enter the passphrase of the key of {name} again.',
  'error.ssh_agent_unavailable.title': 'No SSH agent answers on this computer',
  'error.ssh_agent_unavailable.remedy':
    'Start the agent and add the key (ssh-add), or choose a key file instead.',
  'error.ssh_host_key_unknown.title': 'The host key of {name} is not approved yet',
  'error.ssh_host_key_unknown.remedy':
    'Compare the fingerprint with the one shown on the host, then approve it.',
  'error.ssh_host_key_changed.title': 'The host key of {name} has changed',
  'error.ssh_host_key_changed.remedy':
    'Everything to this machine is blocked. If it was reinstalled, compare the new fingerprint on its console and approve it; if not, someone may be in between.',
  'error.ssh_host_key_rejected.title': 'The host key of {name} was rejected',
  'error.ssh_host_key_rejected.remedy':
    'Nothing is sent to it. Approve the key on its page if the rejection was a mistake.',
  'error.ssh_algorithm_mismatch.title': 'No algorithm in common with {hostname}',
  'error.ssh_algorithm_mismatch.remedy':
    'Its SSH server is old. Update it, or allow legacy algorithms for this machine in its settings.',
  'error.ssh_jump_failed.title': 'Cannot get to {hostname} through {jump}',
  'error.ssh_jump_failed.remedy':
    'Test the connection of the jump host first, and check that it may forward connections.',
  'error.ssh_connection_lost.title': 'Connection to {name} lost',
  'error.ssh_connection_lost.remedy':
    'What was started on the machine goes on there; its result is collected at the next contact.',
  'error.ssh_channel_refused.title': '{hostname} refuses another session',
  'error.ssh_channel_refused.remedy': 'Close other sessions to it, or raise MaxSessions in its sshd_config.',

  'error.sftp_unavailable.title': '{name} offers no file access',
  'error.sftp_unavailable.remedy':
    'Its SSH server has no SFTP subsystem. Look for “Subsystem sftp” in /etc/ssh/sshd_config.',
  'error.file_not_found.title': '{path} is not there',
  'error.file_not_found.remedy': 'It was moved or removed meanwhile. Read the directory again.',
  'error.file_permission.title': 'The login may not do this to {path}',
  'error.file_permission.remedy':
    'Files are reached with the rights of the login, without sudo. Use a directory that it owns, or a terminal.',
  'error.file_exists.title': '{path} exists already',
  'error.file_exists.remedy': 'Choose another name, or replace it on purpose.',
  'error.file_changed.title': '{path} has changed meanwhile',
  'error.file_changed.remedy': 'Nothing was overwritten. Look at what is there now, then choose.',
  'error.file_too_large.title': '{path} is too large to be edited here',
  'error.file_too_large.remedy': 'Up to 1 MB can be edited. Download it, or use an editor in a terminal.',
  'error.tar_missing.title': '{name} has no tar',
  'error.tar_missing.remedy':
    'A directory is downloaded as an archive that the machine’s own tar makes. Install the package tar, or download the files one by one.',
  'error.archive_incomplete.title': 'Not all of {path} is in the archive',
  'error.archive_incomplete.remedy':
    'Homeport’s login on {name} could not read {count} of its entries, or they changed meanwhile: {entries}.',
  'error.file_not_text.title': '{path} is no text',
  'error.file_not_text.remedy': 'Only UTF-8 text can be edited here. It can be downloaded.',
  'error.file_name_unusable.title': 'The name of this file cannot be written',
  'error.file_name_unusable.remedy':
    'It is no UTF-8, and SFTP cannot name it from here. Rename it in a terminal.',
  'error.file_failed.title': 'The machine refused this for {path}',
  'error.file_failed.remedy':
    'It does not say why: a quota, a directory that is not empty or an old server can be the reason.',

  'error.forward_port_in_use.title': 'Port {targetPort} of {host} is taken',
  'error.forward_port_in_use.remedy':
    'Another program or another forward listens there. Choose another port.',
  'error.forward_port_denied.title': 'Port {targetPort} may not be used',
  'error.forward_port_denied.remedy':
    'Ports below 1024 need rights that Homeport does not have. Choose a higher one.',
  'error.forward_address_unusable.title': 'This computer has no address {host}',
  'error.forward_address_unusable.remedy': 'Listen on 127.0.0.1, or on an address that this computer has.',
  'error.forward_refused.title': '{name} does not listen on port {targetPort}',
  'error.forward_refused.remedy':
    'The port is taken there, below 1024 for a login that is not root, or AllowTcpForwarding forbids it.',
  'error.forward_prohibited.title': '{name} forbids this forward',
  'error.forward_prohibited.remedy':
    'Look at AllowTcpForwarding and PermitOpen in /etc/ssh/sshd_config of the machine.',
  'error.forward_unreachable.title': 'Nothing answers at {host}:{targetPort}',
  'error.forward_unreachable.remedy': 'The forward stands. Check the target and that its program runs.',

  'error.sudo_password_wrong.title': 'Wrong sudo password for {username} on {name}',
  'error.sudo_password_wrong.remedy': 'Enter the sudo password again in the settings of the machine.',
  'error.sudo_password_missing.title': 'sudo asks for a password on {name}',
  'error.sudo_password_missing.remedy':
    'Store the sudo password in the settings of the machine, or allow the commands without one.',
  'error.sudo_not_allowed.title': 'sudo is not allowed for {username} on {name}',
  'error.sudo_not_allowed.remedy':
    'Add the user to the sudo group or give it a sudoers rule, or log in as another user.',
  'error.sudo_missing.title': 'sudo is not installed on {name}',
  'error.sudo_missing.remedy': 'Install it there as root (apt install sudo), or log in as root.',

  'error.apt_lock_busy.title': 'APT is in use on {name} by {holder}',
  'error.apt_lock_busy.remedy': 'Wait until it has finished, then try again. Never delete the lock file.',
  'error.dpkg_interrupted.title': 'An earlier installation on {name} was interrupted',
  'error.dpkg_interrupted.remedy': 'Run dpkg --configure -a there as root, then try again.',
  'error.apt_unmet_dependencies.title': 'Dependencies on {name} do not fit together',
  'error.apt_unmet_dependencies.remedy':
    'Concerned: {packages}. Run apt --fix-broken install there and read what it proposes; a held package or a foreign repository is the usual cause.',
  'error.apt_repository_unreachable.title': 'A package repository cannot be reached from {name}',
  'error.apt_repository_unreachable.remedy':
    'Check network, DNS and proxy of the machine for {repository}. Counts may be out of date.',
  'error.apt_repository_signature.title': 'The signature of {repository} is not valid',
  'error.apt_repository_signature.remedy':
    'Its key has expired or is missing: fetch the new one from the publisher. If the key is good, the lists were changed on the way (a proxy, a half-copied mirror): try again later. Do not turn the check off.',
  'error.apt_repository_release_changed.title': '{repository} has changed its release information',
  'error.apt_repository_release_changed.remedy':
    'Check that the change is wanted (a new stable release, for example), then run apt update there and accept it.',
  'error.apt_sources_malformed.title': 'The list of package sources on {name} has an error',
  'error.apt_sources_malformed.remedy': 'Correct {path} in /etc/apt on the machine, then refresh.',
  'error.apt_package_failed.title': 'The installation of {package} failed on {name}',
  'error.apt_package_failed.remedy':
    'The log of the run shows the script that failed. Mend its cause, then run dpkg --configure -a.',
  'error.apt_disk_full.title': 'Not enough space for the packages on {name}',
  'error.apt_disk_full.remedy':
    'Free space on {mount}: apt clean, old kernels (apt autoremove), logs. Then try again.',
  'error.apt_conffile_prompt.title': 'A changed configuration file needs a decision on {name}',
  'error.apt_conffile_prompt.remedy':
    'Concerned: {path}. Choose to keep yours or take the new one, then run it again.',
  'error.apt_plan_changed.title': 'The plan for {name} has changed since you saw it',
  'error.apt_plan_changed.remedy': 'Nothing was installed. Look at the new plan and apply that one.',
  'error.apt_missing.title': 'There is no APT on {name}',
  'error.apt_missing.remedy':
    'Only Debian-family systems are supported. Remove the machine or correct its address.',

  'error.docker_not_installed.title': 'Docker is not installed on {name}',
  'error.docker_not_installed.remedy': 'Install it there, or leave the machine without stacks.',
  'error.docker_permission.title': '{username} may not use Docker on {name}',
  'error.docker_permission.remedy': 'Add the user to the docker group, or allow it through sudo.',
  'error.docker_daemon_down.title': 'The Docker daemon does not run on {name}',
  'error.docker_daemon_down.remedy':
    'Start it there: systemctl start docker, and read its journal if it stops again.',
  'error.docker_compose_missing.title': 'Docker Compose is missing on {name}',
  'error.docker_compose_missing.remedy': 'Install docker-compose-plugin or docker-compose there.',
  'error.docker_compose_invalid.title': 'The Compose file has an error on {name}',
  'error.docker_compose_invalid.remedy': 'Correct {path}; docker compose config shows where it breaks.',
  'error.docker_pull_denied.title': 'The registry refuses {image}',
  'error.docker_pull_denied.remedy': 'Check the name of the image and log in to the registry on {name}.',
  'error.docker_pull_rate_limited.title': 'The registry limits the number of pulls',
  'error.docker_pull_rate_limited.remedy':
    'Wait for the limit to renew, or log in to the registry for a higher one.',
  'error.docker_registry_unreachable.title': 'The image registry cannot be reached from {name}',
  'error.docker_registry_unreachable.remedy': 'Check network, DNS and proxy of the machine, then try again.',
  'error.docker_service_unhealthy.title': 'The service {service} is not healthy on {name}',
  'error.docker_service_unhealthy.remedy': 'Read its log, then mend it or go back to the previous version.',

  'error.reboot_command_failed.title': 'The reboot of {name} could not be started',
  'error.reboot_command_failed.remedy':
    'Check that {username} may reboot it (sudo), and that nothing inhibits it.',
  'error.reboot_ssh_never_went_down.title': '{name} did not go down',
  'error.reboot_ssh_never_went_down.remedy': 'A service may block the shutdown. Look at its console.',
  'error.reboot_machine_did_not_return.title': 'No sign of {name} since its reboot',
  'error.reboot_machine_did_not_return.remedy':
    'Look at its console, or wait: a file system check can take long.',
  'error.reboot_boot_id_unchanged.title': '{name} answers but has not rebooted',
  'error.reboot_boot_id_unchanged.remedy': 'Only the network went away. Start the reboot again.',
  'error.reboot_timeout.title': 'The reboot of {name} takes longer than expected',
  'error.reboot_timeout.remedy': 'Look at its console; refresh when it is back.',

  'error.template_variable_missing.title': 'A value is missing for {variable}',
  'error.template_variable_missing.remedy': 'Fill it in, then try again. Nothing was sent to the machine.',
  'error.execution_interrupted.title': 'The run on {name} was interrupted',
  'error.execution_interrupted.remedy':
    'The machine was restarted, the process killed, or the connection lost to which the run was attached. Refresh to see its real state; a half-done installation is then offered for repair.',
  'error.execution_timeout.title': 'The run on {name} exceeded its time limit',
  'error.execution_timeout.remedy': 'Read the end of its log to see where it stood, then refresh.',
  'error.execution_output_lost.title': 'The output of the run on {name} is lost',
  'error.execution_output_lost.remedy':
    'What was done cannot be told from the log. Refresh to see the real state.',
  'error.output_unparseable.title': 'The answer of {name} was not understood',
  'error.output_unparseable.remedy': 'Its state is unknown, not fine. Copy the details and report them.',
  'error.output_too_large.title': 'The answer of {name} is too large',
  'error.output_too_large.remedy':
    'It was cut and not used. Look for a program on the machine that prints without end.',
  'error.unsupported_os.title': 'The system of {name} is not supported',
  'error.unsupported_os.remedy': 'Debian, Ubuntu, Proxmox VE, Raspberry Pi OS and their relatives are.',
  'error.disk_full.title': 'A disk of {name} is full',
  'error.disk_full.remedy': 'Free space on {mount}, then try again.',
  'error.read_only_filesystem.title': 'A file system of {name} is read-only',
  'error.read_only_filesystem.remedy':
    'The kernel does this after disk errors on {mount}. Check dmesg and the disk before anything else.',
  'error.outward_unreachable.title': '{host} cannot be reached',
  'error.outward_unreachable.remedy': 'Check the address and that the server is up ({reason}).',
  'error.outward_timeout.title': '{host} does not answer',
  'error.outward_timeout.remedy':
    'It took the connection and stayed silent, or a firewall drops it. Check address and port.',
  'error.outward_certificate.title': 'The connection to {host} is not secure',
  'error.outward_certificate.remedy':
    'Its certificate was not accepted, or it offers no encryption ({reason}). Nothing was sent.',
  'error.outward_login_failed.title': '{host} does not accept the login',
  'error.outward_login_failed.remedy': 'Check user, password or token. It answered: {answer}',
  'error.outward_refused.title': '{host} did not take the message',
  'error.outward_refused.remedy': 'It answered {status}: {answer}',
  'error.schedule_pattern_invalid.title': 'The pattern or its time zone cannot be used',
  'error.schedule_pattern_invalid.remedy':
    'Five fields as in crontab(5), and a time zone such as Europe/Paris.',
  'error.schedule_removes_packages.title': 'The plan removes packages, which this schedule may not',
  'error.schedule_removes_packages.remedy':
    'Look at the plan of {name} and apply it by hand, or allow removals in the schedule.',
  'error.schedule_armed.title': 'Machines are armed for the next run of this schedule',
  'error.schedule_armed.remedy': 'Take them back first; then the schedule can be changed.',
  'error.schedule_view_gone.title': 'The saved view {view} is not there any more',
  'error.schedule_view_gone.remedy':
    'The schedule does not run without it. Choose other machines in the schedule, or another view.',
  'error.systemd_missing.title': '{name} has no systemd that could keep a timer',
  'error.systemd_missing.remedy': 'It cannot be armed. Leave Homeport running at that time.',

  'error.unknown.title': 'Something failed on {name} and is not recognised',
  'error.unknown.remedy': 'Read the log of the run. Copy the details if you report it.',
} as const;
