import { aptChanges } from './apt-change.ts';
import { aptUpdateAnalyze } from './apt-refresh.ts';
import type { ActionDeps } from './deps.ts';
import { machineProbe } from './machine-probe.ts';
import { rebootAction } from './reboot.ts';
import type { Actions } from './types.ts';

export type { ActionDeps } from './deps.ts';

/** Every action that can be started, once; a forgotten one does not compile. */
export function createActions(deps: ActionDeps): Actions {
  return {
    apt_update_analyze: aptUpdateAnalyze(deps),
    ...aptChanges(deps),
    reboot: rebootAction(deps, 'reboot'),
    reboot_verified: rebootAction(deps, 'reboot_verified'),
    machine_probe: machineProbe(deps),
  };
}
