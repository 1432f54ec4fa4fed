import { AppError } from '../../shared/domain/errors.ts';
import type { ActionDeps } from './deps.ts';

/** Waits until the vault's state changes. @throws AppError cancelled when `signal` aborts */
export async function waitForVault(deps: ActionDeps, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (end: () => void) => {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      end();
    };
    const onAbort = () => done(() => reject(new AppError('cancelled', 'Waiting for the vault was given up')));
    const unsubscribe = deps.context.bus.subscribe('vault.changed', () => done(resolve));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
