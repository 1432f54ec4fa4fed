import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { machinesOfUpdate, updateGroups } from './store.ts';

export function updateHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'updates.fleet' | 'updates.machines'> {
  return {
    'updates.fleet': (input) => updateGroups(context, input),
    'updates.machines': (input) => machinesOfUpdate(context, input),
  };
}
