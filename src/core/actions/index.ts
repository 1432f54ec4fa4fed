import { aptFullUpgrade } from './apt-full-upgrade.ts';
import { aptUpdateAnalyze } from './apt-refresh.ts';
import type { ActionDeps } from './deps.ts';
import type { Actions } from './types.ts';

export type { ActionDeps } from './deps.ts';

/** Every action that can be started, once; a forgotten one does not compile. */
export function createActions(deps: ActionDeps): Actions {
  return {
    apt_update_analyze: aptUpdateAnalyze(deps),
    apt_full_upgrade: aptFullUpgrade(deps),
  };
}
