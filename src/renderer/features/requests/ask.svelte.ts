import type { StartableAction } from '../../../shared/domain/unions.ts';
import type { WaveRule } from '../../../shared/domain/waves.ts';
import type { StartOptions } from '../../lib/state/jobs.svelte.ts';

/** What somebody else is to approve. */
export interface Ask {
  readonly action: StartableAction;
  readonly machines: readonly { readonly id: string; readonly name: string }[];
  readonly options: StartOptions;
  readonly waves?: {
    readonly wave: WaveRule;
    readonly concurrency: number;
    readonly onFailure: 'stop' | 'continue';
  };
}

let asked = $state.raw<Ask | null>(null);

/** What the dialog that asks for approval is open for; null while it is closed. */
export const ask = {
  get value(): Ask | null {
    return asked;
  },
  close(): void {
    asked = null;
  },
};

export function askApproval(what: Ask): void {
  if (what.machines.length > 0) asked = what;
}
