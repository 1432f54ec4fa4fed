import { defineConfig } from '@playwright/test';
import type { HostOptions } from './e2e/ui/fixtures.ts';
import { chromiumFlags, chromiumPath } from './e2e/support/chromium.ts';

const specs = 'specs/**/*.spec.ts';

/** The same specs on every host of the application; afterwards, a search for every secret that they used. */
export default defineConfig<HostOptions>({
  testDir: 'e2e/ui',
  globalSetup: './e2e/ui/global-setup.ts',
  outputDir: 'test-results',
  timeout: 300_000,
  expect: { timeout: 20_000 },
  // Real hosts share the machine with the browsers: more at a time would only wait for each other.
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Paris',
    actionTimeout: 20_000,
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: chromiumPath, args: [...chromiumFlags] },
  },
  projects: [
    { name: 'opened', testMatch: 'opened.setup.ts', teardown: 'secrets' },
    { name: 'secrets', testMatch: 'secrets.teardown.ts' },
    { name: 'browser', testMatch: specs, use: { hostName: 'browser' }, dependencies: ['opened'] },
    { name: 'electron-sim', testMatch: specs, use: { hostName: 'electron-sim' }, dependencies: ['opened'] },
    { name: 'electron', testMatch: specs, use: { hostName: 'electron' }, dependencies: ['opened'] },
  ],
});
