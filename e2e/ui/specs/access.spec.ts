import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { startBrowserHost, type BrowserHost } from '../../support/browser-host.ts';
import { expect, test } from '../fixtures.ts';
import { launchBrowser } from '../apps.ts';
import { appsFolder } from '../run-folder.ts';

/** What another page of the same browser, another program or another user could try against the browser host. */

test.skip(({ hostName }) => hostName !== 'browser', 'only the browser host listens on a port');
test.describe.configure({ mode: 'serial' });

let host: BrowserHost | undefined;
let dataDir: string;
let port: number;
let launchPath: string;
let cookie: string;

async function ask(
  options: RequestOptions,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  const sent = httpRequest({ host: '127.0.0.1', port, ...options });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** `open`, or the status with which the upgrade was refused. */
function connect(headers: Record<string, string>, path = '/ws'): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    socket.on('error', (error) => {
      resolve(error.message);
    });
  });
}

test.beforeAll(async () => {
  dataDir = join(mkdtempSync(join(appsFolder(), 'access-')), 'data');
  host = await startBrowserHost({ dataDir, env: { PATH: process.env['PATH'], HOME: dataDir } });
  const link = new URL(host.url);
  port = Number(link.port);
  launchPath = link.pathname + link.search;
  const opened = await ask({ path: launchPath });
  cookie = (opened.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
  expect(opened.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
});
test.afterAll(async () => {
  await host?.close();
});

test('the launch link opens once', async () => {
  const again = await ask({ path: launchPath });
  expect(again.status).toBe(403);
  expect(again.headers['set-cookie']).toBeUndefined();
  expect((await ask({ path: '/open?t=guess' })).status).toBe(403);
});

test('without the cookie there is nothing to see, with it the interface', async () => {
  expect((await ask({ path: '/' })).status).toBe(401);
  expect((await ask({ path: '/', headers: { cookie: `${cookie.split('=')[0]}=guess` } })).status).toBe(401);
  const page = await ask({ path: '/', headers: { cookie } });
  expect(page.status).toBe(200);
  expect(page.body).toContain('Homeport');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.headers['access-control-allow-origin']).toBeUndefined();
  expect((await ask({ path: '/../../package.json', headers: { cookie } })).status).not.toBe(200);
  expect((await ask({ path: '/%2e%2e/%2e%2e/package.json', headers: { cookie } })).status).not.toBe(200);
});

test('another host name is refused, whatever it resolves to', async () => {
  for (const name of ['evil.example', `evil.example:${port}`, `127.0.0.1:${port + 1}`, `[::1]:${port}`]) {
    const reply = await ask({ path: '/', headers: { cookie, host: name } });
    expect(reply.status, name).toBeGreaterThanOrEqual(400);
  }
});

test('the wire opens for our page only', async () => {
  const own = { cookie, origin: `http://127.0.0.1:${port}` };
  expect(await connect(own)).toBe('open');
  expect(await connect({ origin: own.origin })).toBe('403');
  expect(await connect({ cookie })).toBe('403');
  expect(await connect({ ...own, origin: 'http://evil.example' })).toBe('403');
  expect(await connect({ ...own, origin: 'null' })).toBe('403');
  expect(await connect({ ...own, host: 'evil.example' })).toBe('403');
  expect(await connect(own, '/other')).toBe('403');
});

test('a page of another origin, in a browser that holds the session, gets nothing', async () => {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext();
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([
      { name, value, domain: '127.0.0.1', path: '/', httpOnly: true, sameSite: 'Strict' },
    ]);
    const page = await context.newPage();
    // Same machine, another origin: what a page on another port of localhost could do.
    await page.route('http://localhost:1/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<p>evil' }),
    );
    await page.goto('http://localhost:1/');
    const outcome = await page.evaluate(async (target) => {
      const read = await fetch(`http://${target}/`, { credentials: 'include' }).then(
        (reply) => `read ${reply.status}`,
        () => 'refused',
      );
      const wire = await new Promise((resolve) => {
        const socket = new WebSocket(`ws://${target}/ws`);
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      });
      return { read, wire };
    }, `127.0.0.1:${port}`);
    expect(outcome).toEqual({ read: 'refused', wire: 'refused' });
  } finally {
    await browser.close();
  }
});

test('the data directory is closed to other users', () => {
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, 'homeport.db')).mode & 0o077).toBe(0);
  const { controlSecret } = JSON.parse(readFileSync(join(dataDir, 'gateway.json'), 'utf8')) as {
    controlSecret: string;
  };
  expect(controlSecret.length).toBeGreaterThan(31);
  expect(statSync(join(dataDir, 'gateway.json')).mode & 0o077).toBe(0);
});
