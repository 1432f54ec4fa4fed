import { t } from '../../lib/i18n/index.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';

/** Fills the clipboard; a refusal is said, and `done` where it went well and is given. */
export async function writeClipboard(text: string, done?: () => string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    if (done !== undefined) toasts.show({ tone: 'info', text: done });
  } catch (error) {
    console.warn('The clipboard refused', error);
    toasts.show({ tone: 'warning', text: () => t('common.copyRefused') });
  }
}
