import type { ErrorKind } from '../shared/domain/errors.ts';

/** What the command line ends with; docs/guide/command-line.md tells each. */
export const exitCodes = {
  ok: 0,
  /** Something failed: a run, a machine, a request to the application. */
  failed: 1,
  usage: 2,
  /** A person has to decide first: a host key, the vault, a plan that changed, a question nobody could answer. */
  person: 3,
  /** The data could not be opened, and no running application answered. */
  unavailable: 4,
  /** Left by Ctrl-C; what was started goes on. */
  detached: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a code and a sentence on standard error. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly code: ExitCode;
  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const usage = (message: string): Exit => new Exit(exitCodes.usage, message);
export const needsPerson = (message: string): Exit => new Exit(exitCodes.person, message);

const decisions: readonly ErrorKind[] = [
  'ssh_host_key_unknown',
  'ssh_host_key_changed',
  'ssh_host_key_rejected',
  'vault_locked',
  'vault_not_set_up',
  'vault_unavailable',
  'vault_passphrase_wrong',
  'apt_plan_changed',
  'apt_conffile_prompt',
];

/** The code for failures of these kinds; a decision that is wanted outweighs what merely failed. */
export function codeOf(kinds: readonly ErrorKind[]): ExitCode {
  return kinds.some((kind) => decisions.includes(kind)) ? exitCodes.person : exitCodes.failed;
}
