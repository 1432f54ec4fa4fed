import { isErrorKind } from '../../shared/domain/errors.ts';
import { severities, type Severity } from '../../shared/domain/unions.ts';
import { notificationText } from '../notifications/words.ts';
import type { ReportLanguage } from '../reports/index.ts';
import type { Content } from './content.ts';

/** What leaves: one notification, or several that came together. */
export interface OutwardMessage {
  /** The same whenever the same is sent again. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
  readonly isTest: boolean;
  readonly items: readonly (Content & { readonly title: string; readonly text: string })[];
}

/** Lines of a message about many; a reader of a telephone takes no more. */
const MOST_LINES = 20;

const words = {
  en: {
    several: (count: number) => `${count} notifications`,
    more: (count: number) => `… and ${count} more`,
    test: 'Homeport can reach you here',
    testText: 'This is a test. Nothing has happened.',
  },
  fr: {
    several: (count: number) => `${count} notifications`,
    more: (count: number) => `… et ${count} de plus`,
    test: 'Homeport peut vous joindre ici',
    testText: 'Ceci est un essai. Rien ne s’est passé.',
  },
} as const;

/** One line of plain text: names come from hosts and from people, and go into headers and shells of others. */
export const plainLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 300);

export function compose(language: ReportLanguage, id: string, contents: readonly Content[]): OutwardMessage {
  const items = contents.map((content) => {
    const said = notificationText(language, content);
    const failure = content.data['kind'];
    const reason = isErrorKind(failure) ? ` (${failure})` : '';
    return { ...content, title: plainLine(said.title), text: plainLine(`${said.body}${reason}`) };
  });
  const severity = severities[Math.max(...items.map((one) => severities.indexOf(one.severity)))] ?? 'info';
  const [only] = items;
  if (items.length === 1 && only) {
    return { id, title: only.title, text: only.text, severity, isTest: false, items };
  }
  const lines = items.slice(0, MOST_LINES).map((one) => `${one.title}: ${one.text}`);
  const left = items.length - lines.length;
  return {
    id,
    title: words[language].several(items.length),
    text: [...lines, ...(left > 0 ? [words[language].more(left)] : [])].join('\n'),
    severity,
    isTest: false,
    items,
  };
}

export function testMessage(language: ReportLanguage, id: string): OutwardMessage {
  const { test: title, testText: text } = words[language];
  return { id, title, text, severity: 'info', isTest: true, items: [] };
}
