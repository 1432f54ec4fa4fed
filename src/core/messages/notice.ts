import { messageNotice, type MessageNotice } from '../../shared/contract/models.ts';

/** The stored notice of a message, to be spread into it; nothing for a message that has only its text, as older rows do. */
export function noticeOf(payloadJson: string | null): { notice?: MessageNotice } {
  if (payloadJson === null) return {};
  const parsed = messageNotice.safeParse(JSON.parse(payloadJson));
  return parsed.success ? { notice: parsed.data } : {};
}
