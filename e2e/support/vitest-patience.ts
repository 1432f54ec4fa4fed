import { vi } from 'vitest';

/** What a test waits for comes at once, except on a machine with more to do: Vitest gives up after one second. */
const patience = { timeout: 15_000, interval: 20 };

const { waitFor } = vi;
Object.assign(vi, {
  waitFor: (condition: () => unknown, options: Parameters<typeof waitFor>[1] = patience) =>
    waitFor(condition, options),
});
