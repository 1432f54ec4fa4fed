import type { Schedule } from '../../../shared/contract/schedules.ts';
import type { AppError } from '../../../shared/domain/errors.ts';
import { api, watch } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { go } from '../../lib/router.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';

let list = $state.raw<readonly Schedule[]>([]);
let loaded = $state(false);
let error = $state.raw<AppError | null>(null);
let generation = $state(0);
let asked = $state.raw<string | null>(null);
let stop: (() => void) | undefined;

/** All schedules as the core has them, by name. */
export const schedules = {
  get list(): readonly Schedule[] {
    return list;
  },
  /** False until the first answer: an empty list is then not an empty page. */
  get loaded(): boolean {
    return loaded;
  },
  get error(): AppError | null {
    return error;
  },
  /** Counts the changes that were heard; what is read besides the list is read again then. */
  get generation(): number {
    return generation;
  },
  get(id: string | undefined): Schedule | undefined {
    return list.find((one) => one.id === id);
  },
};

/** Begins (again) to follow the schedules. */
export function followSchedules(): void {
  stop?.();
  error = null;
  stop = watch(
    'schedules.watch',
    {},
    (event) => {
      list = event.schedules;
      loaded = true;
      generation++;
    },
    { onError: (thrown) => (error = thrown) },
  );
}

/** The schedule that a person wants to run now and has not confirmed yet. */
export const runRequest = {
  get id(): string | null {
    return asked;
  },
  close(): void {
    asked = null;
  },
};
export function askRun(id: string): void {
  asked = id;
}

export async function setEnabled({ id, name }: Schedule, enabled: boolean): Promise<void> {
  await perform(() => api['schedules.setEnabled']({ id, enabled }), name);
}

/** Removes a schedule and offers to undo it. */
export async function removeSchedule({ id, name }: Schedule): Promise<void> {
  const done = await perform(() => api['schedules.remove']({ id }), name);
  if (!done) return;
  go({ page: 'schedules' });
  toasts.show({
    tone: 'info',
    text: () => t('schedule.removed', { name }),
    action: { label: () => t('common.undo'), run: () => void restoreSchedule(id, name) },
  });
}

async function restoreSchedule(id: string, name: string): Promise<void> {
  const restored = await perform(() => api['schedules.restore']({ id }), name);
  if (!restored) return;
  go({ page: 'schedules', id });
  toasts.show({ tone: 'ok', text: () => t('schedule.restored', { name }) });
}
