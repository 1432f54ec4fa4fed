import type { CoreContext } from '../context.ts';
import { notifyVaultWait } from './notify.ts';

/**
 * Tells a person once that jobs stand still because the vault is locked; again only after it was unlocked and locked
 * anew. `stepOf` says what a job does now. Returns the way to stop.
 */
export function watchVaultWaits(
  context: CoreContext,
  isLocked: () => boolean,
  stepOf: (jobId: string) => string | undefined,
): () => void {
  let isTold = false;
  const stops = [
    context.bus.subscribe('vault.changed', () => {
      if (!isLocked()) isTold = false;
    }),
    context.bus.subscribe('job.changed', ({ jobId }) => {
      if (isTold || stepOf(jobId) !== 'waiting_for_vault' || !isLocked()) return;
      isTold = true;
      try {
        if (notifyVaultWait(context)) context.bus.publish('notifications.changed', {});
      } catch (error) {
        context.log.error('That a job waits for the vault could not be told', { error: String(error) });
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
