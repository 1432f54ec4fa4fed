import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { readWatchReport } from '../support/process-watch.ts';
import { findInFolders, prepareSearch } from '../support/secret-search.ts';
import { bedFolder } from '../testbed/bed-folder.ts';
import { openTestbed, until } from '../testbed/index.ts';
import { initOf } from '../testbed/processes.ts';
import { appsFolder, bedName, runFolder, shared } from './run-folder.ts';

/**
 * After all specs: every secret that they used is looked for. What is left out: the folder of the suite itself and the
 * testbed's state, which know the secrets because they made them; the memory of processes; what the specs typed.
 */

test('no secret is in any file that the application wrote', async () => {
  const { searched } = shared();
  const apps = readdirSync(appsFolder());
  test.skip(apps.length === 0, 'no application was started');
  const { findings, unread, files, bytes } = await findInFolders(prepareSearch(searched), [appsFolder()]);
  expect(findings).toEqual([]);
  expect(unread).toEqual([]);
  expect(files).toBeGreaterThan(apps.length);
  expect(bytes).toBeGreaterThan(100_000);
});

test('no secret is in any file on the hosts', async () => {
  const { searched, unavailable } = shared();
  test.skip(unavailable !== null, `real hosts: ${unavailable ?? ''}`);
  const bed = await openTestbed(bedName);
  expect(bed).not.toBeNull();
  const folders: string[] = [];
  for (const host of bed?.hosts ?? []) {
    // All that the host ever wrote to its disk, and its memory file systems as they are now.
    folders.push(join(bedFolder(bedName), 'hosts', host.name, 'upper'));
    const init = await initOf(bedName, host.name);
    if (init === null) continue;
    for (const path of ['run', 'tmp', 'dev/shm', 'var/tmp']) folders.push(`/proc/${init}/root/${path}`);
  }
  const { findings, unread, files } = await findInFolders(prepareSearch(searched), folders);
  expect(findings).toEqual([]);
  expect(unread).toEqual([]);
  expect(files).toBeGreaterThan(20 * (bed?.hosts.length ?? 0));
});

test('the search of files finds what is there', async () => {
  const { secrets } = shared();
  const folder = join(runFolder(), 'planted');
  await mkdir(folder);
  const spellings = {
    plain: secrets.canary,
    json: JSON.stringify({ password: secrets.canary }),
    base64: Buffer.from(`user:${secrets.canary}:x`).toString('base64'),
    hex: Buffer.from(secrets.canary).toString('hex'),
    url: `http://x/?p=${encodeURIComponent(secrets.canary)}`,
    late: `${'x'.repeat(4 * 1024 * 1024 - 5)}${secrets.canary}`,
  };
  for (const [name, text] of Object.entries(spellings)) await writeFile(join(folder, name), text);
  const { findings } = await findInFolders(prepareSearch([{ label: 'canary', text: secrets.canary }]), [
    folder,
  ]);
  expect(findings.map((one) => one.where).sort()).toEqual(
    Object.keys(spellings)
      .map((name) => join(folder, name))
      .sort(),
  );
});

test('no secret was in the arguments or the environment of any process during the run', async () => {
  test.skip(process.platform !== 'linux', 'processes are watched through /proc: Linux only');
  const report = await readWatchReport(runFolder());
  expect(report.findings).toEqual([]);
  // Evidence that somebody looked all the time.
  expect(report.rounds).toBeGreaterThan(20);
  expect(report.processes).toBeGreaterThan(10);

  await test.step('the watch sees what is there', async () => {
    const { secrets } = shared();
    // `cat` without a file waits for its input, so both live until they have been seen.
    const inArguments = spawn('cat', ['-', secrets.canary], { stdio: ['pipe', 'ignore', 'ignore'] });
    const inEnvironment = spawn('cat', [], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, PLANTED: secrets.canary },
    });
    try {
      await until(
        'the watch sees both canaries',
        async () => {
          const { findings } = await readWatchReport(runFolder());
          const where = findings.filter((one) => one.label === 'canary').map((one) => one.where);
          return where.some((one) => one.startsWith('the arguments')) &&
            where.some((one) => one.startsWith('the environment'))
            ? true
            : null;
        },
        20_000,
      );
    } finally {
      for (const child of [inArguments, inEnvironment]) {
        const ended = once(child, 'exit');
        child.stdin?.end();
        await ended;
      }
    }
  });
});
