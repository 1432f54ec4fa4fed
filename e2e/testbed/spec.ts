/** What may be asked of a host, and the defaults. */

export type HostKind = 'light' | 'systemd';
export type SuiteName = 'bookworm' | 'trixie';
export type LoginShell = 'bash' | 'dash' | 'fish' | 'tcsh' | 'zsh';

/**
 * How the login user becomes root:
 * `password` sudo with its own password · `separate` sudo asks root's password (Defaults rootpw) · `nopasswd` ·
 * `none` sudo is there but the user is in no rule · `missing` sudo is not there (su works) · `root` the login user is root.
 */
export type SudoKind = 'password' | 'separate' | 'nopasswd' | 'none' | 'missing' | 'root';

/** What sshd accepts. `any` = key or password; `key+password` = both, one after the other. */
export type AuthKind = 'any' | 'key' | 'password' | 'keyboard-interactive' | 'key+password';

/** Names a group (`default`, `clean`) or one of the purpose-made packages, see catalogue.ts. */
export type PackageChoice =
  | 'default'
  | 'clean'
  | 'plain'
  | 'plain2'
  | 'plain3'
  | 'secure'
  | 'held'
  | 'kept'
  | 'swap'
  | 'conf'
  | 'reboot'
  | 'auto'
  | 'slow'
  | 'fail'
  | 'big'
  | 'chatty';

export interface HostSpec {
  /** Also its hostname: lower-case letters, digits, dashes. */
  name: string;
  kind?: HostKind;
  suite?: SuiteName;
  sudo?: SudoKind;
  auth?: AuthKind;
  shell?: LoginShell;
  locale?: 'C.UTF-8' | 'fr_FR.UTF-8';
  /** Start-up files of the shell that print to stdout and stderr, change directory and alias; a banner and a motd. */
  noisy?: boolean;
  /** Password of the login user; made up when absent. */
  password?: string;
  /** Password of root; the login user's when that is root; made up when absent. */
  rootPassword?: string;
  /** Public keys to accept besides the testbed's own. */
  authorizedKeys?: readonly string[];
  /** Packages installed at their old version. Default: `['default']`. */
  packages?: readonly PackageChoice[];
  /** /run/reboot-required is there from the start (and gone after a reboot). */
  rebootPending?: boolean;
  /** False: /var/lib/apt/lists is empty until the first `apt-get update`. Default true. */
  lists?: boolean;
  /** Answers no packet from the machine itself, only from other hosts of the testbed: for jump-host tests. */
  behindJump?: boolean;
  /** Seconds for which hp-slow's configuration lasts. Default 20. */
  slowSeconds?: number;
  /** The environment of its process 1 says that it runs in a container of this kind. */
  container?: 'lxc';
  /** Seconds a reboot takes besides what the kind itself needs. Default 0. */
  downtimeSeconds?: number;
}

export interface TestbedOptions {
  name: string;
  hosts: readonly HostSpec[];
}

export type ResolvedHost = Required<Omit<HostSpec, 'authorizedKeys' | 'container'>> & {
  authorizedKeys: readonly string[];
  container: 'lxc' | null;
  user: string;
};

const namePattern = /^[a-z][a-z0-9-]{0,30}$/;

/** Throws when the name cannot be a testbed's or a host's. */
export function checkName(name: string): void {
  if (!namePattern.test(name)) throw new Error(`"${name}" is no name: lower-case letters, digits, dashes`);
}

/** Fills in the defaults. `makePassword` gives a fresh password at each call. */
export function resolveSpec(spec: HostSpec, makePassword: () => string): ResolvedHost {
  checkName(spec.name);
  const sudo = spec.sudo ?? 'password';
  const password = spec.password ?? makePassword();
  return {
    name: spec.name,
    kind: spec.kind ?? 'light',
    suite: spec.suite ?? 'bookworm',
    sudo,
    auth: spec.auth ?? 'any',
    shell: spec.shell ?? 'bash',
    locale: spec.locale ?? 'C.UTF-8',
    noisy: spec.noisy ?? false,
    user: sudo === 'root' ? 'root' : 'ops',
    password,
    rootPassword: sudo === 'root' ? password : (spec.rootPassword ?? makePassword()),
    authorizedKeys: spec.authorizedKeys ?? [],
    packages: spec.packages ?? ['default'],
    rebootPending: spec.rebootPending ?? false,
    lists: spec.lists ?? true,
    behindJump: spec.behindJump ?? false,
    slowSeconds: spec.slowSeconds ?? 20,
    container: spec.container ?? null,
    downtimeSeconds: spec.downtimeSeconds ?? 0,
  };
}
