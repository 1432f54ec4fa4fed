import { once } from 'node:events';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Download } from '../core/files/index.ts';
import { createDispatch } from '../core/dispatch.ts';
import { call, type ContractShape } from '../shared/contract/define.ts';
import { createClient } from '../shared/wire/client.ts';
import { socketTransport } from '../shared/wire/websocket-transport.ts';
import { announce, askRunning, withdraw } from './running-instance.ts';
import { startGateway, type Gateway } from './server.ts';

const contract = {
  'ping.answer': call({
    summary: 'Answers with the surface',
    risk: 'read',
    surfaces: ['web'],
    input: z.object({}),
    output: z.object({ surface: z.string() }),
  }),
} satisfies ContractShape;

const controlSecret = 'c'.repeat(43);
let dir: string;
let gateway: Gateway;
const downloads = new Map<string, Download>();
const log = { info: vi.fn(), error: vi.fn() };

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'homeport-gateway-'));
  const rendererDir = path.join(dir, 'renderer');
  mkdirSync(path.join(rendererDir, 'assets'), { recursive: true });
  writeFileSync(path.join(rendererDir, 'index.html'), '<!doctype html>the page');
  writeFileSync(path.join(rendererDir, 'assets/main-abc123.js'), 'export {}');
  writeFileSync(path.join(rendererDir, 'notes.unknown'), 'x');
  writeFileSync(path.join(dir, 'secret.json'), '{}');
  mkdirSync(`${rendererDir}-other`);
  writeFileSync(path.join(`${rendererDir}-other`, 'secret.json'), '{}');
  const dispatch = createDispatch(
    contract,
    { 'ping.answer': (_input, { surface }) => ({ surface }) },
    { log: () => undefined },
  );
  gateway = await startGateway({
    dispatch,
    findDownload: (ticket) => downloads.get(ticket) ?? null,
    rendererDir,
    port: 0,
    controlSecret,
    log,
  });
});
afterEach(async () => {
  await gateway.close();
  rmSync(dir, { recursive: true });
  expect(log.error).not.toHaveBeenCalled();
});

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A request as it stands: no normalising of paths, any Host. */
async function ask(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const outgoing = request({ host: '127.0.0.1', port: gateway.port, path: target, headers, method });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await incoming.toArray()).toString();
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body };
}
const launchPath = (): string => {
  const url = new URL(gateway.newLaunchUrl());
  return url.pathname + url.search;
};
async function signIn(): Promise<string> {
  const { headers } = await ask(launchPath());
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}
const origin = (): string => `http://127.0.0.1:${gateway.port}`;

/** The status with which the upgrade was refused, or the open socket. */
async function connect(headers: Record<string, string>, route = '/ws'): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${route}`, { headers });
  socket.on('error', () => undefined);
  return Promise.race([
    once(socket, 'open').then(() => socket),
    once(socket, 'unexpected-response').then((args) => (args[1] as IncomingMessage).statusCode ?? 0),
  ]);
}

describe('launch links', () => {
  test('open a session once', async () => {
    const link = launchPath();
    const first = await ask(link);
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(`^homeport-${gateway.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
      ),
    ]);
    const second = await ask(link);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  test('are not used up by a HEAD', async () => {
    const link = launchPath();
    await ask(link, {}, 'HEAD');
    expect((await ask(link)).status).toBe(200);
  });

  test.each(['/open', '/open?t=', '/open?t=guess'])('are not guessed: %s', async (target) => {
    expect((await ask(target)).status).toBe(403);
  });

  test('are given to whoever has the control secret, and to no web page', async () => {
    const secret = { authorization: `Bearer ${controlSecret}` };
    const given = await ask('/launch', secret, 'POST');
    expect(given.status).toBe(200);
    const url = new URL(given.body);
    expect((await ask(url.pathname + url.search)).status).toBe(200);
    expect((await ask('/launch', { ...secret, origin: origin() }, 'POST')).status).toBe(403);
    expect((await ask('/launch', { authorization: 'Bearer wrong' }, 'POST')).status).toBe(403);
    expect((await ask('/launch', {}, 'POST')).status).toBe(403);
  });

  test('reach a second start through its private file', async () => {
    await expect(askRunning(dir)).resolves.toBeNull();
    announce(dir, { pid: process.pid, port: gateway.port, controlSecret });
    await expect(askRunning(dir)).resolves.toMatch(`http://127.0.0.1:${gateway.port}/open?t=`);
    announce(dir, { pid: process.pid, port: gateway.port, controlSecret: 'x'.repeat(43) });
    await expect(askRunning(dir)).resolves.toBeNull();
    withdraw(dir);
    await expect(askRunning(dir)).resolves.toBeNull();
  });
});

describe('the page', () => {
  test('is for sessions only', async () => {
    const stranger = await ask('/');
    expect(stranger.status).toBe(401);
    expect(stranger.body).not.toContain('the page');
    const known = await ask('/', { cookie: await signIn() });
    expect(known).toMatchObject({ status: 200, body: '<!doctype html>the page' });
  });

  test('comes with a strict policy and no cross-origin permission', async () => {
    const { headers } = await ask('/', { cookie: await signIn(), origin: 'http://evil.example' });
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  test('is kept by the browser as far as its names allow', async () => {
    const cookie = await signIn();
    const asset = await ask('/assets/main-abc123.js', { cookie });
    expect(asset.headers['content-type']).toContain('text/javascript');
    expect(asset.headers['cache-control']).toContain('immutable');
    const page = await ask('/index.html', { cookie });
    expect(page.headers['cache-control']).toBe('no-cache');
    const again = await ask('/index.html', { cookie, 'if-none-match': page.headers.etag ?? '' });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  test.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/..%5csecret.json',
    '/../renderer-other/secret.json',
    '//etc/hosts.json',
    '/index.html%00.js',
    '/%ff%fe',
    '/assets',
    '/assets/',
    '/notes.unknown',
    '/missing.js',
    `/${'a'.repeat(5_000)}.js`,
  ])('does not lead to %.60s', async (target) => {
    const answer = await ask(target, { cookie: await signIn() });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('{}');
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', async (method) => {
    expect((await ask('/', { cookie: await signIn() }, method)).status).toBe(405);
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost:1', '[::1]:80'])(
    'does not answer as %s',
    async (host) => {
      expect((await ask('/', { cookie: await signIn(), host })).status).toBe(421);
      const link = launchPath();
      expect((await ask(link, { host })).status).toBe(421);
    },
  );

  test('takes a cookie of another port for nothing', async () => {
    const [, value] = (await signIn()).split('=');
    expect((await ask('/', { cookie: `homeport-1=${value}` })).status).toBe(401);
  });

  test('bounds the headers', async () => {
    expect((await ask('/', { cookie: 'x'.repeat(20_000) })).status).toBe(431);
  });
});

describe('the WebSocket', () => {
  test('serves the contract to a session from our own origin', async () => {
    const socket = await connect({ cookie: await signIn(), origin: origin() });
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
    const api = createClient(contract, socketTransport(socket));
    await expect(api['ping.answer']({})).resolves.toEqual({ surface: 'web' });
  });

  test('is refused to others', async () => {
    const cookie = await signIn();
    expect(await connect({ origin: origin() })).toBe(403);
    expect(await connect({ cookie })).toBe(403);
    expect(await connect({ cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await connect({ cookie, origin: 'null' })).toBe(403);
    expect(await connect({ cookie, origin: `http://localhost:${gateway.port}` })).toBe(403);
    expect(await connect({ cookie, origin: 'http://evil.example', host: 'evil.example' })).toBe(403);
    expect(await connect({ cookie: 'homeport-1=x', origin: origin() })).toBe(403);
    expect(await connect({ cookie, origin: origin() }, '/other')).toBe(403);
  });

  test('closes on a frame that is too large, and the host goes on', async () => {
    const headers = { cookie: await signIn(), origin: origin() };
    const socket = await connect(headers);
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
    socket.send('x'.repeat(9 * 1024 * 1024));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
    expect(await connect(headers)).toBeInstanceOf(WebSocket);
  });

  test('ends with the host, which says so', async () => {
    const socket = await connect({ cookie: await signIn(), origin: origin() });
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
    const ended = once(socket, 'close');
    const port = gateway.port;
    await gateway.close();
    const [, reason] = (await ended) as [number, Buffer];
    expect(reason.toString()).toBe('Homeport is stopping');
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    gateway = { ...gateway, close: () => Promise.resolve() };
  });
});

describe('a download of unknown size', () => {
  const archive = (pieces: readonly string[], error?: Error): Download => ({
    fileName: 'srv.tar',
    sizeBytes: null,
    etag: null,
    async *read(offset) {
      expect(offset).toBe(0);
      for (const piece of pieces) yield new TextEncoder().encode(await Promise.resolve(piece));
      if (error) throw error;
    },
  });

  test('comes whole whatever part is asked for, and has no length', async () => {
    downloads.set('whole', archive(['one', 'two']));
    const cookie = await signIn();
    const answer = await ask('/download/whole/srv.tar', { cookie, range: 'bytes=3-' });
    expect([answer.status, answer.body]).toEqual([200, 'onetwo']);
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.headers['accept-ranges']).toBe('none');
    expect(answer.headers.etag).toBeUndefined();
  });

  test('is broken off when it fails, so that no part is taken for the whole', async () => {
    downloads.set('cut', archive(['one'], new Error('the machine went')));
    const cookie = await signIn();
    await expect(ask('/download/cut/srv.tar', { cookie })).rejects.toThrow('aborted');
  });
});
