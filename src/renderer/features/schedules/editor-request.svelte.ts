import type { Schedule } from '../../../shared/contract/schedules.ts';
import { t } from '../../lib/i18n/index.ts';
import { draftOf, newDraft, type Draft } from './draft.ts';
import { ownZone } from './words.ts';

export interface EditorRequest {
  /** The schedule that is changed; null makes a new one. */
  readonly id: string | null;
  readonly draft: Draft;
}

let request = $state.raw<EditorRequest | null>(null);

/** What the editor has been opened for; null while it is closed. */
export const editorRequest = {
  get value(): EditorRequest | null {
    return request;
  },
  create(): void {
    request = { id: null, draft: newDraft(ownZone()) };
  },
  edit(schedule: Schedule): void {
    request = { id: schedule.id, draft: draftOf(schedule) };
  },
  duplicate(schedule: Schedule): void {
    const name = t('schedule.copyName', { name: schedule.name }).slice(0, 80);
    request = { id: null, draft: { ...draftOf(schedule), name } };
  },
  close(): void {
    request = null;
  },
};
