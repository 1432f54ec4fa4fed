import type { TestbedHost } from '../testbed/index.ts';

/** What a host's own tools say, asked without the application. */

export interface AptPlan {
  /** Names, sorted; `installed` counts new and upgraded packages alike, as apt's own Inst lines do. */
  readonly installed: readonly string[];
  readonly removed: readonly string[];
  readonly security: readonly string[];
  /** `1.0` of `hp-plain` by name; only what is upgraded has one. */
  readonly from: Readonly<Record<string, string>>;
  readonly to: Readonly<Record<string, string>>;
}

/** `apt-get -s dist-upgrade` on the host, by its lines `Inst name [old] (new Origin [arch])` and `Remv name`. */
export async function distUpgradePlan(host: TestbedHost): Promise<AptPlan> {
  const { stdout, stderr, code } = await host.run('LC_ALL=C apt-get -s dist-upgrade');
  if (code !== 0) throw new Error(`apt-get -s failed on ${host.name}: ${stderr}`);
  const lines = stdout.split('\n');
  const inst = lines.flatMap((line) => {
    const found = /^Inst (\S+) (?:\[(\S+)\] )?\((\S+) ([^)[]*)/.exec(line);
    return found === null ? [] : [{ name: found[1] ?? '', old: found[2], next: found[3] ?? '', line }];
  });
  return {
    installed: inst.map((one) => one.name).sort(),
    removed: lines.flatMap((line) => /^Remv (\S+)/.exec(line)?.[1] ?? []).sort(),
    security: inst.flatMap((one) => (one.line.includes('Debian-Security') ? [one.name] : [])).sort(),
    from: Object.fromEntries(
      inst.flatMap((one) => (one.old === undefined ? [] : [[one.name, one.old] as const])),
    ),
    to: Object.fromEntries(inst.map((one) => [one.name, one.next] as const)),
  };
}

/** The SHA-256 fingerprints of all keys of a host, read on it. */
export const fingerprintsOf = async (host: TestbedHost): Promise<string[]> =>
  Object.values(await host.hostKeyFingerprints());

/** The version of an installed package (held or not), or null. */
export async function installedVersion(host: TestbedHost, name: string): Promise<string | null> {
  const { stdout } = await host.run(`dpkg-query -W -f '\${db:Status-Abbrev} \${Version}' ${name}`);
  return /^[hi]i\s+(\S+)/.exec(stdout)?.[1] ?? null;
}
