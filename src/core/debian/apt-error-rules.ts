import type { ErrorData, ErrorKind } from '../../shared/domain/errors.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly kind: ErrorKind;
  readonly data?: (match: RegExpExecArray) => ErrorData;
  /** Only repeats what another line says; told only where nothing better of its kind was found. */
  readonly isEcho?: boolean;
}

const group = (match: RegExpExecArray, index: number): string => match[index] ?? '';

/** APT's and dpkg's texts in the C locale, most exact first; the first rule that fits a line names its kind. */
const rules: readonly Rule[] = [
  {
    pattern: /Could not get lock (\S+?)\.? It is held by process (\d+)(?: \(([^)]*)\))?/,
    kind: 'apt_lock_busy',
    data: (m) => ({ file: group(m, 1), pid: Number(m[2]), ...(m[3] ? { command: m[3] } : {}) }),
  },
  {
    // dpkg 1.21 says "another process", 1.22 names the program.
    pattern: /lock was locked by (?:another|(\S+)) process(?: with pid (\d+))?/,
    kind: 'apt_lock_busy',
    data: (m) => ({ ...(m[2] ? { pid: Number(m[2]) } : {}), ...(m[1] ? { command: m[1] } : {}) }),
  },
  {
    pattern: /Could not open lock file (\S+) - open \(13:/,
    kind: 'sudo_not_allowed',
    data: (m) => ({ file: group(m, 1) }),
  },
  {
    pattern: /Could not open lock file (\S+) - open \(30:/,
    kind: 'read_only_filesystem',
    data: (m) => ({ path: group(m, 1) }),
  },
  {
    pattern: /are you root\?|requested operation requires superuser privilege/,
    kind: 'sudo_not_allowed',
    isEcho: true,
  },
  { pattern: /Could not get lock (\S+)/, kind: 'apt_lock_busy', data: (m) => ({ file: group(m, 1) }) },
  {
    pattern: /Unable to acquire the dpkg frontend lock \(([^)]+)\)/,
    kind: 'apt_lock_busy',
    data: (m) => ({ file: group(m, 1) }),
    isEcho: true,
  },
  {
    pattern: /Unable to lock (?:directory|the administration directory)/,
    kind: 'apt_lock_busy',
    isEcho: true,
  },
  { pattern: /dpkg was interrupted, you must manually run/, kind: 'dpkg_interrupted' },
  {
    pattern:
      /Unmet dependencies|unmet dependencies|you have held broken packages|Unable to satisfy dependencies|Unable to correct (?:problems|dependencies)|pkgProblemResolver::Resolve generated breaks/,
    kind: 'apt_unmet_dependencies',
  },
  {
    pattern:
      /^(?:Packages need to be removed but|Held packages were changed and|Packages were downgraded and|Essential packages were removed and)/,
    kind: 'apt_plan_changed',
  },
  { pattern: /enough free space in (\S+?)\.?$/, kind: 'apt_disk_full', data: (m) => ({ path: group(m, 1) }) },
  { pattern: /No space left on device/, kind: 'apt_disk_full' },
  { pattern: /Read-only file system/, kind: 'read_only_filesystem' },
  {
    pattern: /Type '([^']*)' is not known on (?:line|stanza) (\d+) in source(?:s)? (?:list|file) (\S+)/,
    kind: 'apt_sources_malformed',
    data: (m) => ({ file: group(m, 3), line: Number(m[2]) }),
  },
  {
    pattern:
      /Malformed (?:entry|line|stanza) (\d+) in (?:source )?(?:list|sources?)(?: list)?(?: file)? (\S+)/,
    kind: 'apt_sources_malformed',
    data: (m) => ({ file: group(m, 2), line: Number(m[1]) }),
  },
  {
    pattern: /Conflicting values set for option (\S+) regarding source (.+?):? /,
    kind: 'apt_sources_malformed',
    data: (m) => ({ option: group(m, 1), repository: group(m, 2) }),
  },
  {
    pattern: /The list of sources could not be read|Malformed (?:entry|line|stanza)/,
    kind: 'apt_sources_malformed',
    isEcho: true,
  },
  {
    pattern: /Repository '([^']+)' changed its '([^']+)' value from '([^']*)' to '([^']*)'/,
    kind: 'apt_repository_release_changed',
    data: (m) => ({ ...repository(group(m, 1)), field: group(m, 2), from: group(m, 3), to: group(m, 4) }),
  },
  {
    pattern: /Release file for (\S+) is (expired|not valid yet)/,
    kind: 'apt_repository_signature',
    data: (m) => ({ ...repository(group(m, 1)), reason: m[2] === 'expired' ? 'expired' : 'not_valid_yet' }),
  },
  {
    pattern: /(?:NO_PUBKEY|Missing key) ([0-9A-F]{8,40})/,
    kind: 'apt_repository_signature',
    data: (m) => ({
      ...repository(m.input),
      reason: 'missing_key',
      keyId: group(m, 1),
      keyIds: keyIds(m.input),
    }),
  },
  {
    pattern: /(BADSIG|EXPKEYSIG|REVKEYSIG|EXPSIG) ([0-9A-F]{8,40})/,
    kind: 'apt_repository_signature',
    data: (m) => ({ ...repository(m.input), reason: group(m, 1).toLowerCase(), keyId: group(m, 2) }),
  },
  {
    // Sequoia's sqv, with which APT verifies from trixie on, names neither a state nor a key.
    pattern: /Message has been manipulated/,
    kind: 'apt_repository_signature',
    data: (m) => ({ ...repository(m.input), reason: 'badsig' }),
  },
  {
    pattern: /The repository '([^']+)' is (?:no longer signed|not signed)/,
    kind: 'apt_repository_signature',
    data: (m) => ({ ...repository(group(m, 1)), reason: 'not_signed' }),
  },
  {
    pattern:
      /GPG error|Sub-process \/usr\/bin\/(?:sqv|gpgv) returned|signature(?:s)? (?:couldn't be verified|were invalid)|OpenPGP signature verification failed|signature verification|Clearsigned file isn't valid/,
    kind: 'apt_repository_signature',
    data: (m) => ({ ...repository(m.input), reason: 'unverifiable' }),
  },
  {
    pattern: /The repository '([^']+)' (?:does not have|no longer has) a Release file/,
    kind: 'apt_repository_unreachable',
    data: (m) => ({ ...repository(group(m, 1)), reason: 'no_release_file' }),
  },
  {
    pattern: /Failed to fetch (\S+) +(.*)$/,
    kind: 'apt_repository_unreachable',
    data: (m) => ({ ...repository(group(m, 1)), ...fetchReason(group(m, 2)) }),
  },
  {
    pattern:
      /Some index files failed to download|Unable to fetch some archives|An error occurred during the signature verification/,
    kind: 'apt_repository_unreachable',
    isEcho: true,
  },
  {
    pattern: /error processing (?:package|archive) (\S+) \(--([a-z-]+)\)/,
    kind: 'apt_package_failed',
    data: (m) => ({ package: packageOf(group(m, 1)), step: group(m, 2) }),
  },
  {
    pattern: /Unable to locate package (\S+)/,
    kind: 'apt_package_failed',
    data: (m) => ({ package: group(m, 1), step: 'locate' }),
  },
  {
    pattern: /Version '([^']*)' for '([^']*)' was not found/,
    kind: 'apt_package_failed',
    data: (m) => ({ package: group(m, 2), version: group(m, 1), step: 'locate' }),
  },
  {
    pattern: /Sub-process \/usr\/bin\/dpkg (?:returned an error code|received|exited unexpectedly)/,
    kind: 'apt_package_failed',
    isEcho: true,
  },
];

/** The kind of one message without its `E: `. `unknown` where no rule fits. */
export function classify(text: string): { kind: ErrorKind; data: ErrorData | undefined; isEcho: boolean } {
  for (const rule of rules) {
    const match = rule.pattern.exec(text);
    if (match) return { kind: rule.kind, data: rule.data?.(match), isEcho: rule.isEcho ?? false };
  }
  return { kind: 'unknown', data: undefined, isEcho: false };
}

function repository(text: string): { repository?: string; host?: string } {
  const url =
    /([a-z][a-z0-9+.-]*):\/\/([^/\s'"]*)[^\s'"]*/.exec(text) ??
    /\b(file|cdrom|copy):(\/?)[^\s'"]*/.exec(text);
  if (!url) return {};
  const host = (url[2] ?? '').replace(/^.*@/, '').replace(/:\d*$/, '');
  const cleaned = url[0].replace(/:$/, '');
  return host === '' || host === '/'
    ? { repository: cleaned, host: 'localhost' }
    : { repository: cleaned, host };
}

function fetchReason(text: string): ErrorData {
  const status = /^\s*([1-5]\d\d) /.exec(`${text} `)?.[1];
  if (status !== undefined) return { reason: 'http_status', httpStatus: Number(status) };
  if (/resolv|Name or service not known|No address associated/i.test(text))
    return { reason: 'name_unresolved' };
  if (/refused/i.test(text)) return { reason: 'refused' };
  if (/timed? ?out/i.test(text)) return { reason: 'timeout' };
  if (/Hash Sum mismatch|unexpected size|Mirror sync/i.test(text)) return { reason: 'hash_mismatch' };
  if (/certificate|TLS|SSL/i.test(text)) return { reason: 'tls' };
  return { reason: 'unreachable' };
}

function keyIds(text: string): string[] {
  return [
    ...new Set(
      [...text.matchAll(/(?:NO_PUBKEY|Missing key) ([0-9A-F]{8,40})/g)].map((match) => match[1] ?? ''),
    ),
  ];
}

/** `dpkg` names an archive by its path: `/var/cache/apt/archives/libc6_2.36_amd64.deb` is libc6. */
export function packageOf(subject: string): string {
  return subject.includes('/')
    ? (subject.split('/').at(-1) ?? '').replace(/^\d+-/, '').replace(/_.*$/, '')
    : subject;
}
