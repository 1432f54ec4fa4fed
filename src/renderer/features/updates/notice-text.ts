import type { MessageNotice } from '../../../shared/contract/models.ts';
import { formatDate, t } from '../../lib/i18n/index.ts';

const dayText = (day: string): string => formatDate(`${day}T00:00:00`);

/** What a message says, in the reader's language where Homeport says it itself; else as the machine or an older row has it. */
export function noticeText(message: { notice?: MessageNotice | undefined; text: string }): string {
  const { notice, text } = message;
  if (!notice) return text;
  const { osFamily, version, codename } = notice;
  const params = { release: `${t(`os.${osFamily}`)} ${version} (${codename})`, on: dayText(notice.on) };
  if (notice.until === null) {
    return notice.code === 'support_ended'
      ? t('notice.support_ended', params)
      : t('notice.support_ends_soon', params);
  }
  const until = dayText(notice.until);
  return notice.code === 'support_ended'
    ? t('notice.support_ended.except', { ...params, until })
    : t('notice.support_lts_only', { ...params, until });
}
