import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['./e2e/support/vitest-patience.ts'],
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 20_000,
          // A good part of them waits: for servers in this process, for time limits, for scrypt.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'integration',
          setupFiles: ['./e2e/support/vitest-patience.ts'],
          include: ['e2e/{integration,testbed,sim}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // Each file has hosts of its own and mostly waits for them.
          maxWorkers: 3,
        },
      },
    ],
  },
});
