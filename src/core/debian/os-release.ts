import type { OsFamily } from '../../shared/domain/unions.ts';
import { parsed, unparseable, type Parsed } from './parsed.ts';

export interface OsIdentity {
  readonly family: OsFamily;
  /** VERSION_ID, or Proxmox's own version; empty where the system has none (Debian testing). */
  readonly version: string;
  readonly codename: string | null;
  readonly prettyName: string | null;
  /** `12.11`, from /etc/debian_version where that is a number. */
  readonly pointRelease: string | null;
}

/** What `platform` told beside os-release. */
export interface PlatformHints {
  /** First line of `pveversion`, such as `pve-manager/8.4.1/2a5fa54a8503f96d (running kernel: 6.8.12-10-pve)`. */
  readonly pveVersion?: string | undefined;
  readonly isRaspberryPiOs?: boolean;
}

/** The variables of an os-release file (os-release(5)): shell-like assignments with optional quotes. */
export function parseOsRelease(text: string): Parsed<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
    if (!match) continue;
    const [, name = '', value = ''] = match;
    const quoted = /^"(.*)"$/.exec(value) ?? /^'(.*)'$/.exec(value);
    variables.set(name, (quoted?.[1] ?? value).replace(/\\(["$`\\])/g, '$1'));
  }
  return variables.has('ID') ? parsed(variables) : unparseable('os-release names no system');
}

/** Derivatives count as what they say they are like; what is like nothing known is `unknown`. */
export function identifyOs(variables: ReadonlyMap<string, string>, hints: PlatformHints = {}): OsIdentity {
  const id = variables.get('ID') ?? '';
  const like = (variables.get('ID_LIKE') ?? '').split(/\s+/);
  const pve = /^pve-manager\/([0-9][^/\s]*)/.exec(hints.pveVersion ?? '')?.[1];
  const is = (name: string): boolean => id === name || like.includes(name);
  const family: OsFamily = pve
    ? 'proxmox'
    : id === 'raspbian' || (id === 'debian' && hints.isRaspberryPiOs === true)
      ? 'raspbian'
      : is('ubuntu')
        ? 'ubuntu'
        : is('debian')
          ? 'debian'
          : 'unknown';
  const debianVersion = variables.get('HOMEPORT_DEBIAN_VERSION') ?? '';
  return {
    family,
    version: pve ?? variables.get('VERSION_ID') ?? '',
    codename: variables.get('VERSION_CODENAME') || null,
    prettyName: variables.get('PRETTY_NAME') || null,
    pointRelease: /^[0-9]+(\.[0-9]+)*$/.test(debianVersion) ? debianVersion : null,
  };
}
