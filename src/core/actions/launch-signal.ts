/** How long an orderly end of the application waits for a launch at work, milliseconds; one takes about a second. */
const LAUNCH_GRACE_MS = 5_000;

/**
 * The signal of a launch: aborts with the job's, but where the application only closes, after a grace. A launch cut in its
 * middle would leave a run that never began, which is told as interrupted.
 */
export function launchSignal(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const onAbort = () => {
    if (signal.reason !== 'closing') controller.abort(signal.reason);
    else setTimeout(() => controller.abort(signal.reason), LAUNCH_GRACE_MS).unref();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return controller.signal;
}
