let nowMs = $state(Date.now());
setInterval(() => (nowMs = Date.now()), 30_000);
// A laptop that slept shows true ages at once.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) nowMs = Date.now();
});

/** The present, good to half a minute: one timer for every "checked 3 minutes ago". */
export const clock = {
  get nowMs(): number {
    return nowMs;
  },
};
