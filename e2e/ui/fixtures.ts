import { test as base } from '@playwright/test';
import { electronUnavailable } from '../support/electron-binary.ts';
import { openTestbed, type Testbed, type TestbedHost } from '../testbed/index.ts';
import { openApp, type App } from './apps.ts';
import { machineName, type HostName, type Role } from './fleet.ts';
import { bedName, shared, type SharedSecrets } from './run-folder.ts';

export interface HostOptions {
  /** What the application runs in; set by the project. */
  hostName: HostName;
}

interface Fixtures {
  hostIsHere: void;
  /** The application on an empty data directory, open on its first page. */
  app: App;
  secrets: SharedSecrets;
  /** The host made for that role and for this project. First among a test's arguments: without hosts no application starts. */
  machine: (role: Role) => TestbedHost;
}

export const test = base.extend<Fixtures, HostOptions & { bed: Testbed | null }>({
  hostName: ['browser', { option: true, scope: 'worker' }],
  hostIsHere: [
    async ({ hostName }, use, testInfo) => {
      const reason = hostName === 'electron' ? electronUnavailable() : null;
      testInfo.skip(reason !== null, `${reason ?? ''}`);
      await use();
    },
    { auto: true },
  ],
  // eslint-disable-next-line no-empty-pattern -- Playwright wants the fixtures it depends on spelled out, here none.
  secrets: async ({}, use) => {
    await use(shared().secrets);
  },
  bed: [
    // eslint-disable-next-line no-empty-pattern -- as above
    async ({}, use) => {
      await use(shared().unavailable === null ? await openTestbed(bedName) : null);
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  machine: async ({ bed, hostName }, use, testInfo) => {
    const { unavailable } = shared();
    testInfo.skip(unavailable !== null, `real hosts: ${unavailable ?? ''}`);
    await use((role) => {
      if (bed === null) throw new Error('The testbed of the suite is gone');
      return bed.host(machineName(role, hostName));
    });
  },
  app: async ({ hostName }, use, testInfo) => {
    const app = await openApp(hostName, testInfo.title);
    try {
      await use(app);
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('the window', { body: await app.page.screenshot(), contentType: 'image/png' });
        await testInfo.attach('what the application printed', { body: app.output() });
      }
    } finally {
      await app.close();
    }
  },
});

export { expect } from '@playwright/test';
