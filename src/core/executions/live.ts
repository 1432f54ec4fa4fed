/** What is known of a run only while this process follows it. */
export interface LiveRun {
  /** The link is down; the run goes on on the host. */
  linkDown: boolean;
  /** APT is still downloading: stopping is safe. */
  cancellable: boolean;
}

const followed = new Map<string, LiveRun>();

export function liveRun(executionId: string): LiveRun {
  return followed.get(executionId) ?? { linkDown: false, cancellable: false };
}

export function setLiveRun(executionId: string, live: LiveRun | null): void {
  if (live === null) followed.delete(executionId);
  else followed.set(executionId, live);
}
