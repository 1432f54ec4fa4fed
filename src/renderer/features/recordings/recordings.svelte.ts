import type { Recording, RecordingState } from '../../../shared/contract/recordings.ts';
import { api, watch } from '../../lib/api.ts';
import { formatDuration, t } from '../../lib/i18n/index.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { saveFile } from '../runs/save-file.ts';

let state = $state.raw<RecordingState | null>(null);

/** Recordings of terminals, as the core tells them. */
export const recordings = {
  get byDefault(): boolean {
    return state?.byDefault ?? false;
  },
  get list(): readonly Recording[] {
    return state?.recordings ?? [];
  },
  isRecording: (sessionId: string | null): boolean =>
    sessionId !== null && (state?.running.includes(sessionId) ?? false),
};

export function followRecordings(): void {
  watch('recordings.watch', {}, (next) => {
    for (const one of next.recordings) {
      const before = state?.recordings.find(({ id }) => id === one.id);
      const isCut = one.end === 'size' || one.end === 'disk';
      if (before?.end === null && isCut)
        toasts.show({ tone: 'warning', text: () => t('recordings.full', { name: one.machineName }) });
    }
    state = next;
  });
}

export const endText = ({ end }: Recording): string => t(`recordings.end.${end ?? 'running'}`);
export const lengthText = ({ durationMs, end }: Recording): string =>
  durationMs === null ? (end === null ? '' : t('recordings.length.unknown')) : formatDuration(durationMs);

async function bytesOf(id: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const stream = api['recordings.read']({ id }, { windowBytes: 1024 * 1024 });
  stream.end();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of stream) parts.push(new Uint8Array(chunk));
  return parts;
}

export const readRecording = async (id: string): Promise<string> => new Blob(await bytesOf(id)).text();

/** A recording is bounded, so that it fits into a blob. */
export async function exportRecording(one: Recording): Promise<void> {
  const name = `${one.machineName}-${one.startedAt.slice(0, 19)}`;
  saveFile(`${name}.cast`, await bytesOf(one.id), 'application/x-asciicast');
}
