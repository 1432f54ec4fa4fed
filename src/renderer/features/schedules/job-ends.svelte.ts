import { jobs } from '../../lib/state/jobs.svelte.ts';

/** Counts the jobs that end and begin while the component is there: what is read of a run is read again then. */
export function jobEnds(): { readonly count: number } {
  let count = $state(0);
  $effect(() => jobs.onEnded(() => count++));
  return {
    get count() {
      return count + jobs.active.length;
    },
  };
}
