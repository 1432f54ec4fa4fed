import type { RequestSummary } from '../../../shared/contract/requests.ts';
import { watch } from '../api.ts';

let pending = $state.raw<readonly RequestSummary[] | null>(null);
let count = $state(0);
let version = $state(0);

/** Requests that wait for a decision, the oldest first. */
export const pendingRequests = {
  /** Null until the core has said. */
  get list(): readonly RequestSummary[] | null {
    return pending;
  },
  get count(): number {
    return count;
  },
  /** Grows with every change of any request, also of one that was decided. */
  get version(): number {
    return version;
  },
};

export function followRequests(): void {
  watch('requests.watch', {}, (now) => {
    pending = now.pending;
    count = now.count;
    version += 1;
  });
}
