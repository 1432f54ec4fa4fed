import { z } from 'zod';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { VaultStatus } from '../../shared/contract/models.ts';
import type { CoreContext } from '../context.ts';
import { readSetting, writeSetting } from '../settings/index.ts';
import { changedIds } from '../watch.ts';
import type { Vault } from './types.ts';

type Names =
  | 'vault.status'
  | 'vault.watch'
  | 'vault.setUp'
  | 'vault.unlock'
  | 'vault.lock'
  | 'vault.changePassphrase'
  | 'vault.setAutoLock';

const AUTO_LOCK = 'vault.autoLockMinutes';
const minutesSchema = z.number().int().min(1).max(1440).nullable();

/** Idle time after which the vault locks itself, as set; null: never. */
export function readAutoLockMs(context: Pick<CoreContext, 'database'>): number | null {
  const minutes = readSetting(context, AUTO_LOCK, minutesSchema, null);
  return minutes === null ? null : minutes * 60_000;
}

export function vaultHandlers(context: CoreContext, vault: Vault): Pick<HomeportHandlers, Names> {
  const status = async (): Promise<VaultStatus> => {
    const { autoLockMs, wraps, systemKeyring, state } = await vault.status();
    return {
      state,
      wraps: [...wraps],
      systemKeyring,
      autoLockMinutes: autoLockMs === null ? null : Math.round(autoLockMs / 60_000),
    };
  };
  const changed = async () => {
    context.bus.publish('vault.changed', {});
    return status();
  };
  return {
    'vault.status': status,
    'vault.watch': async function* (_input, { signal }) {
      for await (const _ of changedIds(context.bus, 'vault.changed', () => ['vault'], signal))
        yield await status();
    },
    'vault.setUp': async (input) => {
      if (input.with === 'system') await vault.setUpWithSystem();
      else await vault.setUpWithPassphrase(input.passphrase);
      return changed();
    },
    'vault.unlock': async ({ passphrase }) => {
      await vault.unlock(passphrase === '' ? undefined : passphrase);
      return changed();
    },
    'vault.lock': async () => {
      vault.lock();
      return changed();
    },
    'vault.changePassphrase': async ({ current, next }) => {
      await vault.changePassphrase(current, next);
      return changed();
    },
    'vault.setAutoLock': async ({ minutes }) => {
      writeSetting(context, AUTO_LOCK, minutes);
      vault.setAutoLock(minutes === null ? null : minutes * 60_000);
      return changed();
    },
  };
}
