import type { MessageGroup } from '../../../shared/contract/models.ts';
import { t } from '../../lib/i18n/index.ts';

/** The part under which the core tells how long a release is supported. */
const supportComponent = 'release-support';

export const isSupportNotice = (group: Pick<MessageGroup, 'component'>): boolean =>
  group.component === supportComponent;

/** What a notice is, in the reader's language. */
export const noticeKind = (group: Pick<MessageGroup, 'component' | 'category'>): string =>
  isSupportNotice(group) ? t('notices.support') : t(`messageCategory.${group.category}`);
