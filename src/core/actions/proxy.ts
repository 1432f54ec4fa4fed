import { machineById } from '../machines/index.ts';
import type { ActionDeps } from './deps.ts';

/** The machine's package proxy as the templates take it. */
export function proxyVariables(
  deps: ActionDeps,
  machineId: string,
): { readonly aptProxyMode: string; readonly aptProxy: string } {
  const { aptProxyMode, aptProxyUrl } = machineById(deps.context, machineId);
  return { aptProxyMode, aptProxy: aptProxyMode === 'direct' ? '' : (aptProxyUrl ?? '') };
}
