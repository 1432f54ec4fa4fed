import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { readWatchReport } from '../support/process-watch.ts';
import { runFolder, shared } from './run-folder.ts';

// What follows is worth nothing if nobody looks: so it depends on this.
test('all processes of this machine are being watched for secrets', async () => {
  test.skip(process.platform !== 'linux', 'processes are watched through /proc: Linux only');
  expect(shared().searched.length).toBeGreaterThan(4);
  const report = await readWatchReport(runFolder());
  expect(report.processes).toBeGreaterThan(3);
});

test('the application has been built', () => {
  expect(existsSync('out/main/gateway.js'), 'run npm run build first').toBe(true);
});
