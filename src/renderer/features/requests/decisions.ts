import { t } from '../../lib/i18n/index.ts';
import { go } from '../../lib/router.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';

/** Says that an approval has queued its work, with the way there. */
export function startedToast(bulkRunId: string | null): void {
  toasts.show({
    tone: 'ok',
    text: () => t('requests.approved'),
    action:
      bulkRunId === null
        ? { label: () => t('requests.openJobs'), run: () => go({ page: 'jobs' }) }
        : { label: () => t('requests.openBulk'), run: () => go({ page: 'bulk', id: bulkRunId }) },
  });
}
