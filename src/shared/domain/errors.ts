/**
 * Every failure that crosses a boundary has one of these kinds. The interface switches on the kind and never on a text;
 * the remedy of each kind stands in the message catalogues (`error.<kind>.title`, `.remedy`), English and French.
 */
export const errorKinds = [
  // the contract itself
  'invalid_input',
  'not_found',
  'conflict',
  'not_allowed',
  'cancelled',
  'disconnected',
  'internal',
  // the vault
  'vault_locked',
  'vault_not_set_up',
  'vault_passphrase_wrong',
  'vault_unavailable',
  'secret_unreadable',
  // the database and the local disk
  'database_newer',
  'database_corrupt',
  'database_migration_failed',
  'database_busy',
  'local_disk_full',
  // SSH
  'ssh_unreachable',
  'ssh_name_unresolved',
  'ssh_connection_refused',
  'ssh_timeout',
  'ssh_auth_failed',
  'ssh_key_unreadable',
  'ssh_key_passphrase_wrong',
  'ssh_agent_unavailable',
  'ssh_host_key_unknown',
  'ssh_host_key_changed',
  'ssh_host_key_rejected',
  'ssh_algorithm_mismatch',
  'ssh_jump_failed',
  'ssh_connection_lost',
  'ssh_channel_refused',
  // files
  'sftp_unavailable',
  'file_not_found',
  'file_permission',
  'file_exists',
  'file_changed',
  'file_too_large',
  'file_not_text',
  'file_name_unusable',
  'file_failed',
  'tar_missing',
  'archive_incomplete',
  // port forwarding
  'forward_port_in_use',
  'forward_port_denied',
  'forward_address_unusable',
  'forward_refused',
  'forward_prohibited',
  'forward_unreachable',
  // sudo
  'sudo_password_wrong',
  'sudo_password_missing',
  'sudo_not_allowed',
  'sudo_missing',
  // APT
  'apt_lock_busy',
  'dpkg_interrupted',
  'apt_unmet_dependencies',
  'apt_repository_unreachable',
  'apt_repository_signature',
  'apt_repository_release_changed',
  'apt_sources_malformed',
  'apt_package_failed',
  'apt_disk_full',
  'apt_conffile_prompt',
  'apt_plan_changed',
  'apt_missing',
  // Docker
  'docker_not_installed',
  'docker_permission',
  'docker_daemon_down',
  'docker_compose_missing',
  'docker_compose_invalid',
  'docker_pull_denied',
  'docker_pull_rate_limited',
  'docker_registry_unreachable',
  'docker_service_unhealthy',
  // reboot
  'reboot_command_failed',
  'reboot_ssh_never_went_down',
  'reboot_machine_did_not_return',
  'reboot_boot_id_unchanged',
  'reboot_timeout',
  // runs
  'template_variable_missing',
  'schedule_pattern_invalid',
  'schedule_removes_packages',
  'schedule_armed',
  'schedule_view_gone',
  'systemd_missing',
  'execution_interrupted',
  'execution_timeout',
  'execution_output_lost',
  'output_unparseable',
  'output_too_large',
  'unsupported_os',
  'disk_full',
  'read_only_filesystem',
  // what is sent to others
  'outward_unreachable',
  'outward_timeout',
  'outward_certificate',
  'outward_login_failed',
  'outward_refused',
  'unknown',
] as const;
export type ErrorKind = (typeof errorKinds)[number];

/** Values that make an error's text exact (names, paths, counts); never a secret. */
export type ErrorData = Record<string, unknown>;

export interface WireError {
  code: ErrorKind;
  message: string;
  data: ErrorData;
}

/**
 * A failure with a closed kind. `message` is one English sentence for logs and developers; the interface shows the
 * catalogue's text of `code`, filled from `data`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorKind;
  readonly data: ErrorData;

  constructor(code: ErrorKind, message: string, data: ErrorData = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.data = data;
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, data: this.data };
  }
}

/** The AppError of anything thrown; the text of an unknown error stays inside the process (as `cause`). */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'Internal error', {}, { cause: error });
}

export function isErrorKind(value: unknown): value is ErrorKind {
  return typeof value === 'string' && (errorKinds as readonly string[]).includes(value);
}
