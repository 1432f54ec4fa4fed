import { formatDuration, t } from '../../lib/i18n/index.ts';
import { aptPhrase } from './apt-phrases.ts';

/** One of APT's phrases in the reader's language, names as they are; null where it is none of them. */
export function aptPhraseText(text: string): string | null {
  const phrase = aptPhrase(text);
  if (!phrase) return null;
  switch (phrase.code) {
    case 'dpkg':
      return t('apt.dpkg');
    case 'retrieve': {
      const { at, of, leftMs } = phrase;
      return leftMs === null
        ? t('apt.retrieve', { at, of })
        : t('apt.retrieve.left', { at, of, left: formatDuration(leftMs) });
    }
    default:
      return t(`apt.${phrase.code}`, { package: phrase.package });
  }
}
