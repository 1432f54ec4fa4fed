import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OutwardConfig, OutwardFilter } from '../../shared/contract/outward.ts';
import { notificationKinds } from '../../shared/domain/unions.ts';
import { newId } from '../db/ids.ts';
import { recordEvent } from '../events/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { createVault } from '../vault/vault.ts';
import { createOutward, outwardHandlers, type OutwardPace } from './index.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on this computer; `answer` decides what it says to each message. */
async function receiver(
  answer: (response: ServerResponse, nth: number) => void = (r) => r.end('taken'),
  port = 0,
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      answer(response, received.length);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  closers.push(close);
  const { port: bound } = server.address() as AddressInfo;
  return { received, close, port: bound, url: `http://127.0.0.1:${bound}` };
}

const pace: OutwardPace = { gatherMs: 5, gapMs: 0, delaysMs: [20, 20, 20] };
const all: OutwardFilter = { kinds: [...notificationKinds], severity: 'info', tagIds: [] };

async function setUp(over: Partial<OutwardPace> = {}) {
  let nowMs = Date.parse('2026-03-01T08:00:00.000Z');
  const startedMs = performance.now();
  const context = { ...testContext(), now: () => new Date(nowMs + (performance.now() - startedMs)) };
  const vault = createVault({
    database: context.database,
    // A keyring in memory: these tests are not about how the key is kept.
    wrappers: [
      {
        kind: 'safe_storage',
        available: () => Promise.resolve({ ok: true }),
        wrap: (key) => Promise.resolve(Buffer.from(key).toString('hex')),
        unwrap: (wrapped) => Promise.resolve(Buffer.from(wrapped, 'hex')),
      },
    ],
    onEvent: () => queueMicrotask(() => context.bus.publish('vault.changed', {})),
  });
  await vault.setUpWithSystem();
  const outward = createOutward(context, vault, { ...pace, ...over });
  outward.start();
  closers.push(() => outward.close());
  const nas = insertMachine(context, 'nas');
  const add = (config: OutwardConfig, secret?: string, filter = all) =>
    outward.save({ name: `my ${config.kind}`, enabled: true, config, filter, ...(secret && { secret }) });
  const failRun = (machineId = nas, more: Record<string, unknown> = {}) =>
    context.database.tx(() =>
      recordEvent(context, {
        machineId,
        eventType: 'run.finished',
        severity: 'error',
        actorType: 'system',
        executionId: newId(),
        message: 'The run ended: error.',
        data: { action: 'apt_upgrade', status: 'error', ...more },
      }),
    );
  const rows = () =>
    context.database.raw.prepare('select status, attempt from outward_messages order by id').all() as {
      status: string;
      attempt: number;
    }[];
  return { context, vault, outward, nas, add, failRun, rows, pass: (ms: number) => (nowMs += ms) };
}
const parsed = (one: Received | undefined) => JSON.parse(one?.body ?? '{}') as Record<string, unknown>;

describe('a webhook', () => {
  it('is told what happened, signed, with an id, and without what the host printed', async () => {
    const to = await receiver();
    const { add, failRun, rows, outward, context } = await setUp();
    add({ kind: 'webhook', url: `${to.url}/hook` }, 'key of the signature');
    failRun(undefined, { importantLines: ['password=hunter2'] });
    await vi.waitFor(() => expect(to.received).toHaveLength(1));
    const [one] = to.received;
    expect(one?.path).toBe('/hook');
    expect(parsed(one)).toMatchObject({
      version: 1,
      test: false,
      severity: 'error',
      title: 'nas',
      text: 'Upgrade failed',
      items: [
        { kind: 'run_failed', machine: { name: 'nas' }, data: { action: 'apt_upgrade', status: 'error' } },
      ],
    });
    expect(one?.body).not.toContain('hunter2');
    expect(one?.headers['x-homeport-id']).toBe(parsed(one)['id']);
    const mac = createHmac('sha256', 'key of the signature')
      .update(`${String(one?.headers['x-homeport-time'])}.${one?.body ?? ''}`)
      .digest('hex');
    expect(one?.headers['x-homeport-signature']).toBe(`sha256=${mac}`);
    await vi.waitFor(() => expect(rows()).toEqual([{ status: 'sent', attempt: 0 }]));
    expect(outward.channels()).toMatchObject([{ hasSecret: true, waiting: 0, lastError: null }]);
    // Where the secret may be: nowhere but encrypted, and each use of it is told.
    const everything = JSON.stringify([
      outward.channels(),
      ...['machine_events', 'outward_channels', 'outward_messages'].map((table) =>
        context.database.raw.prepare(`select * from ${table}`).all(),
      ),
    ]);
    expect(everything).not.toContain('key of the signature');
    expect(everything).toContain('notify by webhook');
    expect(context.logged).toEqual([]);
  });

  it('that is down is tried again with the same id, and many events become one message', async () => {
    let isUp = false;
    const to = await receiver((response) => {
      response.statusCode = isUp ? 204 : 503;
      response.end('busy');
    });
    const { add, failRun, rows, outward, context } = await setUp();
    add({ kind: 'webhook', url: to.url });
    failRun();
    await vi.waitFor(() => expect(to.received.length).toBeGreaterThan(2));
    for (const name of ['a', 'b', 'c']) failRun(insertMachine(context, name));
    expect(outward.channels()).toMatchObject([
      { waiting: 4, lastError: { kind: 'outward_refused', data: { status: 503, answer: 'busy' } } },
    ]);
    isUp = true;
    await vi.waitFor(() => expect(rows().every(({ status }) => status === 'sent')).toBe(true));
    const ids = to.received.map(({ headers }) => headers['x-homeport-id']);
    expect(new Set(ids).size).toBe(2);
    expect(new Set(ids.slice(0, -1)).size).toBe(1);
    expect(parsed(to.received.at(-1))).toMatchObject({
      title: '3 notifications',
      text: 'a: Upgrade failed\nb: Upgrade failed\nc: Upgrade failed',
    });
  });

  it('is not followed elsewhere, not waited for for ever, and not read without end', async () => {
    const other = await receiver();
    const moved = await receiver((response) => {
      response.writeHead(302, { Location: other.url }).end();
    });
    const { add, outward } = await setUp();
    const id = add({ kind: 'webhook', url: moved.url }, 'a token');
    await expect(outward.test(id)).rejects.toMatchObject({ code: 'outward_refused', data: { status: 302 } });
    expect(other.received).toEqual([]);
    const endless = await receiver((response) => {
      response.write('x'.repeat(200_000));
    });
    const answer = await outward.test(add({ kind: 'webhook', url: endless.url }));
    expect(answer.length).toBeLessThan(400);
    await expect(outward.test(add({ kind: 'webhook', url: 'http://127.0.0.1:9' }))).rejects.toMatchObject({
      code: 'outward_unreachable',
      data: { reason: 'ECONNREFUSED' },
    });
  });

  it('that echoes the secret does not bring it into the application', async () => {
    const echo = await receiver((response) => {
      response.writeHead(401).end('wrong token: s3cret-token');
    });
    const { add, context, outward } = await setUp();
    const id = add({ kind: 'ntfy', url: `${echo.url}/topic`, priority: 'high' }, 's3cret-token');
    const handlers = outwardHandlers(context, outward);
    const call = { surface: 'ui', signal: AbortSignal.timeout(5_000) } as const;
    const reply = await handlers['outward.test']({ id }, call);
    expect(reply).toMatchObject({ ok: false, error: { kind: 'outward_login_failed' } });
    expect(JSON.stringify([reply, outward.channels()])).not.toContain('s3cret-token');
  });
});

describe('ntfy', () => {
  it('gets the topic, priority and token, in the language of the interface', async () => {
    const to = await receiver();
    const { add, failRun, context, nas } = await setUp();
    const language = { language: 'fr' };
    context.database.raw
      .prepare(
        `insert into user_preferences (id, user_id, key, value_json, updated_at) values ('p', 'local', 'interface', ?, 't')`,
      )
      .run(JSON.stringify(language));
    context.database.raw.prepare('update machines set name = ? where id = ?').run('nas\r\nX-Evil: é', nas);
    add({ kind: 'ntfy', url: `${to.url}/machines`, priority: 'max' }, 'tk_secret');
    failRun();
    await vi.waitFor(() => expect(to.received).toHaveLength(1));
    const [one] = to.received;
    expect(one?.path).toBe('/');
    expect(one?.headers.authorization).toBe('Bearer tk_secret');
    expect(parsed(one)).toEqual({
      topic: 'machines',
      title: 'nas X-Evil: é',
      message: 'Mise à niveau : échec',
      priority: 5,
      tags: ['rotating_light'],
    });
  });
});

describe('e-mail', () => {
  async function mailServer(options: ConstructorParameters<typeof SMTPServer>[0] = {}) {
    const mails: { text: string; user: string | undefined }[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      logger: false,
      onAuth(auth, _session, callback) {
        if (auth.username === 'ops' && auth.password === 'mail pass') callback(null, { user: 'ops' });
        else callback(new Error('Invalid login'));
      },
      onData(stream, session, callback) {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => {
          mails.push({ text, user: session.user as string | undefined });
          callback(null, 'queued');
        });
      },
      ...options,
    });
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    closers.push(() => new Promise((done) => server.close(() => done())));
    return { mails, port: (server.server.address() as AddressInfo).port };
  }
  const mail = (port: number, more: object = {}): OutwardConfig => ({
    kind: 'email',
    host: '127.0.0.1',
    port,
    security: 'none',
    username: 'ops',
    from: 'homeport@example.org',
    to: ['anna@example.org', 'ben@example.org'],
    ...more,
  });

  it('is sent with login; a wrong password is told exactly, an unencrypted server gets nothing', async () => {
    const { mails, port } = await mailServer();
    const { add, failRun, outward } = await setUp();
    add(mail(port), 'mail pass');
    failRun();
    await vi.waitFor(() => expect(mails).toHaveLength(1));
    expect(mails[0]?.user).toBe('ops');
    expect(mails[0]?.text).toMatch(/^Subject: nas\r?$/m);
    expect(mails[0]?.text).toContain('Upgrade failed');
    expect(mails[0]?.text).toMatch(/^X-Homeport-ID: [0-9a-f-]{36}\r?$/im);
    await expect(outward.test(add(mail(port), 'wrong'))).rejects.toMatchObject({
      code: 'outward_login_failed',
      data: { answer: expect.stringContaining('535') as string },
    });
    const strict = add(mail(port, { security: 'starttls' }), 'mail pass');
    await expect(outward.test(strict)).rejects.toMatchObject({ code: 'outward_certificate' });
    expect(mails).toHaveLength(1);
    expect(() => add(mail(25, { host: 'mail.example.org' }))).toThrow(/encrypted/);
  });

  it('over STARTTLS is not sent to a certificate that nobody trusts', async () => {
    const { mails, port } = await mailServer({ disabledCommands: [], hideSTARTTLS: false });
    const { add, outward } = await setUp();
    const id = add(mail(port, { security: 'starttls' }), 'mail pass');
    await expect(outward.test(id)).rejects.toMatchObject({ code: 'outward_certificate' });
    expect(mails).toEqual([]);
  });
});

describe('the queue of messages', () => {
  it('has what is told exactly when the event is, and nothing that a channel does not want', async () => {
    const { add, context, failRun, rows, nas } = await setUp({ gatherMs: 60_000 });
    const url = 'http://127.0.0.1:9';
    add({ kind: 'webhook', url }, undefined, { ...all, kinds: ['bulk_ended'] });
    add({ kind: 'webhook', url }, undefined, { ...all, tagIds: [newId()] });
    failRun();
    expect(rows()).toEqual([]);
    add({ kind: 'webhook', url }, undefined, { ...all, severity: 'error' });
    expect(() =>
      context.database.tx(() => {
        failRun();
        throw new Error('rolled back');
      }),
    ).toThrow('rolled back');
    expect(rows()).toEqual([]);
    failRun();
    // The same job says more of the same: one message, with what is known last.
    for (const eventType of ['run.finished', 'job.failed']) {
      recordEvent(context, {
        machineId: nas,
        eventType,
        severity: 'error',
        actorType: 'system',
        jobId: 'job',
        message: '',
        data: { action: 'apt_upgrade', status: 'error', kind: 'apt_lock_busy' },
      });
    }
    expect(rows()).toHaveLength(2);
  });

  it('waits for the vault where the channel has a secret, and gives up once, in the application', async () => {
    const to = await receiver();
    const { add, vault, failRun, outward, context, pass, rows } = await setUp();
    const id = add({ kind: 'webhook', url: to.url }, 'key');
    vault.lock();
    failRun();
    await vi.waitFor(() => expect(outward.channels()).toMatchObject([{ waiting: 1, waitsForVault: true }]));
    expect(to.received).toEqual([]);
    await vault.unlock();
    await vi.waitFor(() => expect(to.received).toHaveLength(1));
    await to.close();
    failRun(insertMachine(context, 'b'));
    failRun(insertMachine(context, 'c'));
    await vi.waitFor(() => expect(outward.channels()[0]?.lastError?.kind).toBe('outward_unreachable'));
    pass(24 * 3_600_000 + 1);
    outward.retry(id);
    await vi.waitFor(() =>
      expect(rows().map(({ status }) => status)).toEqual(['sent', 'given_up', 'given_up']),
    );
    const told = context.database.raw
      .prepare(`select kind, occurrences, data_json as data from notifications where kind = 'outward_failed'`)
      .all() as { data: string }[];
    expect(told).toMatchObject([{ occurrences: 1 }]);
    expect(JSON.parse(told[0]?.data ?? '')).toMatchObject({ messages: 2, kind: 'outward_unreachable' });
    expect(outward.channels()).toMatchObject([{ givenUp: 2, waiting: 0 }]);
  });

  it('goes on in the next process, with the id that the message had', async () => {
    const down = await receiver((response) => void response.destroy());
    const first = await setUp();
    first.add({ kind: 'webhook', url: down.url });
    first.failRun();
    await vi.waitFor(() => expect(down.received.length).toBeGreaterThan(0));
    await first.outward.close();
    await down.close();
    const up = await receiver(undefined, down.port);
    const next = createOutward(first.context, first.vault, pace);
    closers.push(() => next.close());
    next.start();
    await vi.waitFor(() => expect(up.received).toHaveLength(1));
    expect(up.received[0]?.headers['x-homeport-id']).toBe(down.received[0]?.headers['x-homeport-id']);
  });

  it('does not take a secret along to another server, and drops what waits with its channel', async () => {
    const { add, outward, failRun, rows, vault } = await setUp({ gatherMs: 60_000 });
    const id = add({ kind: 'webhook', url: 'http://127.0.0.1:9/a' }, 'key');
    const change = (url: string, secret?: string | null, enabled = true) =>
      outward.save({ id, name: 'n', enabled, config: { kind: 'webhook', url }, filter: all, secret });
    change('http://127.0.0.1:9/b');
    expect(() => change('https://elsewhere.example')).toThrow(/its own secret/);
    vault.lock();
    // Without the vault a secret can be removed, not set.
    expect(() => change('https://elsewhere.example', 'new')).toThrow(/locked/);
    change('https://elsewhere.example', null);
    expect(outward.channels()).toMatchObject([
      { hasSecret: false, config: { url: 'https://elsewhere.example' } },
    ]);
    failRun();
    expect(rows()).toHaveLength(1);
    change('https://elsewhere.example', undefined, false);
    expect(rows()).toHaveLength(0);
    outward.remove(id);
    expect(outward.channels()).toEqual([]);
  });
});
