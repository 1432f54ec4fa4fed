import type { ErrorKind } from '../../../shared/domain/errors.ts';

/** What the application itself can do about an error; each has a button. */
export type Remedy =
  | 'retry'
  | 'repair'
  | 'refresh'
  | 'showPlan'
  | 'decide'
  | 'testConnection'
  | 'unlock'
  | 'settings'
  | 'hostKey'
  | 'clean';

const byKind: Partial<Record<ErrorKind, readonly Remedy[]>> = {
  vault_locked: ['unlock'],
  vault_not_set_up: ['unlock'],
  secret_unreadable: ['settings'],
  ssh_unreachable: ['testConnection'],
  ssh_name_unresolved: ['testConnection', 'settings'],
  ssh_connection_refused: ['testConnection', 'settings'],
  ssh_timeout: ['testConnection'],
  ssh_auth_failed: ['settings', 'testConnection'],
  ssh_key_unreadable: ['settings'],
  ssh_key_passphrase_wrong: ['settings'],
  ssh_agent_unavailable: ['settings', 'testConnection'],
  ssh_host_key_unknown: ['hostKey'],
  ssh_host_key_changed: ['hostKey'],
  ssh_host_key_rejected: ['hostKey'],
  ssh_algorithm_mismatch: ['settings', 'testConnection'],
  ssh_jump_failed: ['testConnection', 'settings'],
  ssh_connection_lost: ['testConnection'],
  ssh_channel_refused: ['testConnection'],
  sudo_password_wrong: ['settings'],
  sudo_password_missing: ['settings'],
  sudo_not_allowed: ['settings'],
  sudo_missing: ['settings'],
  apt_lock_busy: ['retry'],
  dpkg_interrupted: ['repair'],
  apt_unmet_dependencies: ['repair'],
  apt_package_failed: ['repair'],
  apt_repository_unreachable: ['refresh'],
  apt_repository_signature: ['refresh'],
  apt_repository_release_changed: ['refresh'],
  apt_sources_malformed: ['refresh'],
  apt_disk_full: ['clean', 'retry'],
  apt_conffile_prompt: ['decide'],
  apt_plan_changed: ['showPlan'],
  execution_interrupted: ['refresh'],
  execution_timeout: ['refresh'],
  execution_output_lost: ['refresh'],
  output_unparseable: ['refresh'],
  reboot_command_failed: ['retry', 'settings'],
  reboot_ssh_never_went_down: ['testConnection'],
  reboot_machine_did_not_return: ['testConnection'],
  reboot_boot_id_unchanged: ['retry'],
  reboot_timeout: ['testConnection'],
};

/** The buttons for an error, the likeliest first; empty where only the reader can do something. */
export const remediesOf = (kind: ErrorKind): readonly Remedy[] => byKind[kind] ?? [];

/** Several errors of one run, each remedy once: a failed script and its broken package ask for the same repair. */
export function remediesOfAll(kinds: readonly ErrorKind[]): Remedy[] {
  return [...new Set(kinds.flatMap(remediesOf))];
}
