import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { updateGroups } from './store.ts';

export function updateHandlers(context: CoreContext): Pick<HomeportHandlers, 'updates.fleet'> {
  return { 'updates.fleet': (input) => updateGroups(context, input) };
}
