import type { PackageDefinition } from './deb.ts';
import type { PackageChoice } from './spec.ts';

/** The small packages made for the testbed: what a host starts with, and what the repository offers. */

interface Choice {
  /** Installed at the start. */
  old: readonly PackageDefinition[];
  /** Offered by the repository. */
  fresh: readonly PackageDefinition[];
  /** Shell lines run as root in the layer after the old ones are installed. */
  prepare?: string;
}

/** `Debian` and `Debian-Security` are told apart by the Release file's Label. */
export interface Offer {
  definition: PackageDefinition;
  archive: 'main' | 'security';
}

const say = (text: string) => `#!/bin/sh\nset -e\necho "${text}"\n`;

function simple(name: string, version: string, extra: Partial<PackageDefinition> = {}): PackageDefinition {
  return { name, version, files: { [`/usr/share/${name}/version`]: `${version}\n` }, ...extra };
}

function pair(name: string, extra: Partial<PackageDefinition> = {}): Choice {
  return { old: [simple(name, '1.0', extra)], fresh: [simple(name, '1.1', extra)] };
}

// One line a second, a carriage-return progress now and then, UTF-8, and bytes that are no UTF-8 (Latin-1 é).
const slowPostinst = String.raw`#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
n=20
[ -s /etc/hp-slow-seconds ] && read -r n < /etc/hp-slow-seconds
echo "hp-slow: configuration during $n s — étape ✓"
printf 'hp-slow: caf\351 (Latin-1)\n'
i=0
while [ "$i" -lt "$n" ]; do
  i=$((i + 1))
  printf 'hp-slow: %s%%\r' $((i * 100 / n))
  echo "hp-slow: step $i of $n"
  sleep 1
done
`;

const rebootPostinst = `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
echo '*** System restart required ***' > /run/reboot-required
grep -qsx hp-reboot /run/reboot-required.pkgs || echo hp-reboot >> /run/reboot-required.pkgs
`;

const chattyPostinst = `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
yes 'hp-chatty: a line of sixty-four characters, newline included...' | head -c 2097152
`;

const choices: Record<Exclude<PackageChoice, 'default' | 'clean'>, Choice> = {
  plain: pair('hp-plain'),
  plain2: pair('hp-plain2', { architecture: 'all' }),
  plain3: pair('hp-plain3', { scripts: { postinst: say('hp-plain3: configured') } }),
  secure: { old: [simple('hp-secure', '2.4-1')], fresh: [] },
  held: { ...pair('hp-held'), prepare: 'apt-mark hold hp-held >/dev/null' },
  kept: {
    old: [simple('hp-kept', '1.0')],
    fresh: [
      simple('hp-kept', '1.1', { relations: { Depends: 'hp-newdep (>= 1.0)' } }),
      simple('hp-newdep', '1.0'),
    ],
  },
  swap: {
    old: [simple('hp-swap', '1.0'), simple('hp-obsolete', '1.0')],
    fresh: [
      simple('hp-swap', '1.1', {
        relations: { Breaks: 'hp-obsolete', Conflicts: 'hp-obsolete', Replaces: 'hp-obsolete' },
      }),
    ],
  },
  conf: {
    old: [conffile('1.0', 'answer = 41\n')],
    fresh: [conffile('1.1', 'answer = 42\nnew_setting = yes\n')],
    prepare: "echo 'answer = 7 # set by hand' > /etc/hp-conf/hp.conf",
  },
  reboot: {
    old: [simple('hp-reboot', '1.0')],
    fresh: [simple('hp-reboot', '1.1', { scripts: { postinst: rebootPostinst } })],
  },
  auto: { old: [simple('hp-auto', '1.0')], fresh: [], prepare: 'apt-mark auto hp-auto >/dev/null' },
  slow: {
    old: [simple('hp-slow', '1.0')],
    fresh: [simple('hp-slow', '1.1', { scripts: { postinst: slowPostinst } })],
  },
  fail: {
    old: [simple('hp-fail', '1.0')],
    fresh: [
      simple('hp-fail', '1.1', {
        scripts: { postinst: '#!/bin/sh\necho "hp-fail: cannot be configured" >&2\nexit 1\n' },
      }),
    ],
  },
  big: {
    old: [simple('hp-big', '1.0')],
    fresh: [simple('hp-big', '1.1', { randomBytes: 8 * 1024 * 1024 })],
  },
  chatty: {
    old: [simple('hp-chatty', '1.0')],
    fresh: [simple('hp-chatty', '1.1', { scripts: { postinst: chattyPostinst } })],
  },
};

function conffile(version: string, text: string): PackageDefinition {
  return {
    name: 'hp-conf',
    version,
    files: { '/etc/hp-conf/hp.conf': text },
    conffiles: ['/etc/hp-conf/hp.conf'],
  };
}

const defaults = [
  'plain',
  'plain2',
  'plain3',
  'secure',
  'kept',
  'swap',
  'held',
  'conf',
  'reboot',
  'auto',
] as const;
const cleanNames = ['hp-plain', 'hp-plain2', 'hp-plain3', 'hp-reboot', 'hp-swap'];
const secureFresh = simple('hp-secure', '2.4-1+deb12u1');

/** Everything the repository offers at the start; the same for every host. */
export function initialOffers(): Offer[] {
  const main = Object.values(choices).flatMap((choice) =>
    choice.fresh.map((definition): Offer => ({ definition, archive: 'main' })),
  );
  return [
    ...main,
    // The plain archive keeps the old version, as Debian's does; the new one is in the security archive only.
    { definition: simple('hp-secure', '2.4-1'), archive: 'main' },
    { definition: secureFresh, archive: 'security' },
  ];
}

/** What a host with these choices has installed at the start, and the shell lines that finish it. */
export function installedFor(packages: readonly PackageChoice[]): {
  definitions: PackageDefinition[];
  prepare: string[];
} {
  const keys = [
    ...new Set(packages.flatMap((choice) => (choice === 'default' ? defaults : [choice]))),
  ].sort();
  const definitions: PackageDefinition[] = [];
  const prepare: string[] = [];
  for (const key of keys) {
    if (key === 'clean') {
      const newest = initialOffers().filter((offer) => cleanNames.includes(offer.definition.name));
      definitions.push(...newest.map((offer) => offer.definition), secureFresh);
    } else {
      const choice = choices[key];
      definitions.push(...choice.old);
      if (choice.prepare !== undefined) prepare.push(choice.prepare);
    }
  }
  return { definitions, prepare };
}
