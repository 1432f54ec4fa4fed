import { toAppError } from '../../shared/domain/errors.ts';
import { errorRemedy, errorTitle } from './i18n/index.ts';
import { toasts } from './ui/toasts.svelte.ts';

/** Runs what a person asked for. A failure is shown with its remedy; the result is undefined then. `name`: the machine's. */
export async function perform<T>(work: () => Promise<T>, name?: string): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'cancelled') return undefined;
    if (error.code === 'internal') console.error(thrown);
    toasts.show({
      tone: 'danger',
      text: () => errorTitle(error.code, error.data, name),
      detail: () => errorRemedy(error.code, error.data, name),
    });
    return undefined;
  }
}
