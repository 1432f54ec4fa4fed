import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { addHost, openCoreSession, openVault, passphrase } from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';

const root = resolve(import.meta.dirname, '../..');
const bedName = 'packaged';
const reason =
  unavailableReason() ??
  (existsSync(join(root, 'out/main/cli.js')) ? null : 'the command line is not built: npm run build');

/** Where a fuse's state stands in Electron's program: https://www.electronjs.org/docs/latest/tutorial/fuses */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const [off, on] = [...'01'].map((state) => state.charCodeAt(0));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function run(file: string, args: readonly string[], cwd: string, stdin = ''): Promise<Ended> {
  // No Node of this computer can be found on that path: it has to be the package's own.
  const child = spawn(file, args, { cwd, env: { PATH: join(cwd, 'empty:/usr/bin:/bin'), LC_ALL: 'C' } });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/**
 * What electron-builder packs, with its own `dir` target. Electron's program itself is not here: in its place lies a file
 * with nothing but a fuse wire, so that all else is as it is packed for users.
 */
describe.skipIf(reason !== null)(`the packaged application${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeport-packaged-'));
  const unpacked = join(folder, 'dist', `linux-${process.arch === 'x64' ? '' : `${process.arch}-`}unpacked`);
  const resources = join(unpacked, 'resources');
  const dataDir = join(folder, 'data');
  const onPath = join(folder, 'on-path');
  const homeport = (args: readonly string[], stdin?: string) =>
    run(onPath, [...args, `--data-dir=${dataDir}`], folder, stdin);
  let bed: Testbed;

  beforeAll(async () => {
    const electron = join(folder, 'electron');
    await mkdir(electron);
    writeFileSync(join(electron, 'electron'), `${sentinel}\u0001\u0009${'1'.repeat(9)}`, { mode: 0o755 });
    for (const file of ['version', 'chrome-sandbox']) writeFileSync(join(electron, file), '');
    const packed = spawn(
      process.execPath,
      [
        join(root, 'node_modules/electron-builder/cli.js'),
        ...['--linux', 'dir', '--publish', 'never', `-c.electronDist=${electron}`],
        `-c.directories.output=${join(folder, 'dist')}`,
      ],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    for (const stream of [packed.stdout, packed.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    }
    const [code] = (await once(packed, 'close')) as [number | null];
    expect(code, said).toBe(0);
    // As /usr/bin/homeport would be: what it is called by is not where it lies.
    symlinkSync('dist', join(folder, 'moved'));
    symlinkSync(
      join('moved', unpacked.slice(join(folder, 'dist/').length), 'resources/bin/homeport'),
      onPath,
    );
    bed = await createTestbed({ name: bedName, hosts: [{ name: 'one', packages: ['plain'] }] });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await removeTestbed(bedName);
  });

  it('has the command line beside it, whole: help, data, a real host, the interface', async () => {
    expect(await run(onPath, ['--version'], folder)).toMatchObject({ code: 0, out: `${manifest.version}\n` });
    expect(await homeport(['list', '--lang=fr'])).toMatchObject({ code: 0, out: 'Aucune machine.\n' });
    const session = await openCoreSession({ dataDir });
    await openVault(session);
    await addHost(session, bed.host('one'));
    await session.close();
    const refreshed = await homeport(['refresh', '--all', '--json', '--passphrase-stdin'], `${passphrase}\n`);
    expect(refreshed.code, refreshed.err).toBe(0);
    expect(JSON.parse(refreshed.out)).toMatchObject({ jobs: [{ machine: 'one', status: 'ok' }] });
    const listed = await homeport(['list', '--json']);
    expect(JSON.parse(listed.out)).toMatchObject({ machines: [{ name: 'one', updates: 1 }] });
    expect(await homeport(['refresh', 'none-such'])).toMatchObject({ code: 2 });

    const served = spawn(onPath, ['serve', '--no-open', `--data-dir=${dataDir}`], { cwd: folder });
    const ended = once(served, 'close');
    const url = await new Promise<string>((found, fail) => {
      let text = '';
      served.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const at = /(http:\/\/127\.0\.0\.1:\S+)/.exec(text)?.[1];
        if (at !== undefined) found(at);
      });
      void ended.then(() => fail(new Error(`It ended: ${text}`)));
    });
    const opened = await fetch(url, { redirect: 'manual' });
    const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const page = await fetch(new URL('/', url), { headers: { cookie } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="app"')]);
    served.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });

  it('keeps Electron’s program from being a Node, and carries nothing that only developers need', async () => {
    const fuses = await getCurrentFuseWire(join(unpacked, 'homeport-desktop'));
    expect([
      fuses[FuseV1Options.RunAsNode],
      fuses[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
      fuses[FuseV1Options.OnlyLoadAppFromAsar],
    ]).toEqual([off, off, on]);
    const files = readdirSync(resources, { recursive: true, encoding: 'utf8' });
    expect(files).toContain('command-line/out/main/cli.js');
    expect(
      files.filter((file) => /\.(test\.\w+|map)$|node-(linux|win)-|\/(drizzle-orm|zod)\//.test(file)),
    ).toEqual([]);
    expect(files.filter((file) => /command-line\/out\/(preload|main\/index)/.test(file))).toEqual([]);
    // The wrapper of Windows names the same files.
    const named = readFileSync(join(root, 'build/command-line/homeport.cmd'), 'utf8');
    expect(named).toContain('"%~dp0..\\command-line\\out\\main\\cli.js" %*\r\n');
  });
});
