import type { MessageCategory, Severity } from '../../shared/domain/unions.ts';
import { cleanLogLine } from '../../shared/domain/reduction.ts';

/** A line worth a person's attention; the same text on many machines is one matter. */
export interface ImportantMessage {
  readonly source: 'apt';
  readonly category: MessageCategory;
  readonly severity: Severity;
  readonly packageName: string | null;
  /** The repository it is about, where there is one. */
  readonly component: string | null;
  readonly message: string;
}

const categories: readonly (readonly [RegExp, MessageCategory, Severity])[] = [
  [/changed its '(?:Codename|Suite)' value/, 'future_major_change', 'warning'],
  [/changed its '[^']+' value/, 'repository_notice', 'warning'],
  [
    /DEPRECATION|deprecated|legacy trusted\.gpg|will be removed|Policy will reject|SHA1 is not considered secure|weak (?:algorithm|digest)/i,
    'deprecation',
    'warning',
  ],
  [
    /NO_PUBKEY|GPG error|signature|not signed|no longer signed|EXPKEYSIG|REVKEYSIG/,
    'security_notice',
    'warning',
  ],
  [/security updates? require|Ubuntu Pro|esm-(?:infra|apps)/i, 'security_notice', 'info'],
  [
    /is expired|not valid yet|does not have a Release file|configured multiple times|doesn't support architecture|Failed to fetch/,
    'repository_notice',
    'warning',
  ],
];

/**
 * The messages in an output of apt-get: its `E:`, `W:` and `N:` lines, each once, cleaned; what only repeats a line before
 * it or speaks of apt's own sandbox is left out.
 */
export function importantMessages(output: string): ImportantMessage[] {
  const messages = new Map<string, ImportantMessage>();
  for (const raw of output.split('\n')) {
    const line = cleanLogLine(raw).slice(0, 1000);
    const head = /^([EWN]): (.+)$/.exec(line);
    const text = (head?.[2] ?? line).trim();
    if (/^Some index files failed|^Download is performed unsandboxed|^Problem unlinking the file/.test(text))
      continue;
    const rule = categories.find(([pattern]) => pattern.test(text));
    if (!head && !(rule && /Ubuntu Pro|security updates? require/i.test(text))) continue;
    if (head?.[1] === 'N' && !rule) continue;
    const [, category, severity] = rule ?? [
      null,
      head?.[1] === 'E' ? ('error' as const) : ('warning' as const),
      'warning' as const,
    ];
    messages.set(text, {
      source: 'apt',
      category,
      severity: head?.[1] === 'E' ? 'error' : head?.[1] === 'N' ? 'info' : severity,
      packageName: /(?:package|processing) ([a-z0-9][a-z0-9+.-]+)/.exec(text)?.[1] ?? null,
      component: /(?:[a-z]+:\/\/|file:)[^\s'"]+/.exec(text)?.[0]?.replace(/:$/, '') ?? null,
      message: text,
    });
  }
  return [...messages.values()];
}
