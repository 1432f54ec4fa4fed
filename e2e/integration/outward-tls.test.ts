import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutward, type Outward } from '../../src/core/outward/index.ts';
import { testContext } from '../../src/core/testing/context.ts';
import { createVault } from '../../src/core/vault/vault.ts';
import type { OutwardConfig } from '../../src/shared/contract/outward.ts';

const filter = { kinds: ['request' as const], severity: 'info' as const, tagIds: [] };

function opensslMissing(): string | null {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'openssl is not here to make a certificate';
  }
}
const reason = opensslMissing();

/** Servers with a certificate of a name, as a private authority would sign it. */
describe.skipIf(reason !== null)(`channels over TLS${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeport-outward-tls-'));
  const closers: (() => Promise<unknown>)[] = [];
  let cert: string;
  let key: string;
  const seen: IncomingHttpHeaders[] = [];
  const mails: { user: string | undefined; secure: boolean; text: string }[] = [];
  const ports = { https: 0, tls: 0, starttls: 0 };

  beforeAll(async () => {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ...['-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost'],
      ],
      { cwd: folder, stdio: 'ignore' },
    );
    cert = readFileSync(join(folder, 'cert.pem'), 'utf8');
    key = readFileSync(join(folder, 'key.pem'), 'utf8');
    const https = createServer({ cert, key }, (request, response) => {
      seen.push(request.headers);
      request.resume();
      response.end('taken');
    });
    https.listen(0, '127.0.0.1');
    await once(https, 'listening');
    ports.https = (https.address() as AddressInfo).port;
    closers.push(() => new Promise((done) => https.close(done)));
    for (const name of ['tls', 'starttls'] as const) {
      const smtp = new SMTPServer({
        cert,
        key,
        secure: name === 'tls',
        logger: false,
        onAuth(auth, _session, callback) {
          if (auth.password === 'mail pass') callback(null, { user: auth.username });
          else callback(new Error('Invalid login'));
        },
        onData(stream, session, callback) {
          let text = '';
          stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
          stream.on('end', () => {
            mails.push({ user: session.user as string | undefined, secure: session.secure, text });
            callback(null, 'queued');
          });
        },
      });
      smtp.on('error', () => undefined);
      smtp.listen(0, '127.0.0.1');
      await once(smtp.server, 'listening');
      ports[name] = (smtp.server.address() as AddressInfo).port;
      closers.push(() => new Promise<void>((done) => smtp.close(() => done())));
    }
  });
  afterAll(async () => {
    for (const close of closers) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function channels(
    ca?: string,
  ): Promise<{ outward: Outward; add: (config: OutwardConfig) => string }> {
    const context = testContext();
    const vault = createVault({ database: context.database, wrappers: [] });
    await vault.setUpWithPassphrase('correct horse');
    const outward = createOutward(context, vault, {
      gatherMs: 1,
      gapMs: 0,
      delaysMs: [10],
      ...(ca && { ca }),
    });
    closers.push(() => outward.close());
    return {
      outward,
      add: (config) => outward.save({ name: 'n', enabled: true, config, filter, secret: 'mail pass' }),
    };
  }
  const webhook = (host: string): OutwardConfig => ({
    kind: 'webhook',
    url: `https://${host}:${ports.https}/`,
  });
  const mail = (security: 'tls' | 'starttls'): OutwardConfig => ({
    kind: 'email',
    host: 'localhost',
    port: ports[security],
    security,
    username: 'ops',
    from: 'homeport@example.org',
    to: ['anna@example.org'],
  });

  it('send where the certificate is trusted and of that name, with everything encrypted', async () => {
    const { outward, add } = await channels(cert);
    expect(await outward.test(add(webhook('localhost')))).toBe('taken');
    expect(seen[0]?.['x-homeport-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    for (const security of ['tls', 'starttls'] as const) await outward.test(add(mail(security)));
    expect(mails).toMatchObject([
      { user: 'ops', secure: true },
      { user: 'ops', secure: true },
    ]);
  });

  it('send nothing to a certificate of another name, or that nobody trusts', async () => {
    const before = seen.length + mails.length;
    const trusting = await channels(cert);
    const elsewhere = trusting.outward.test(trusting.add(webhook('127.0.0.1')));
    await expect(elsewhere).rejects.toMatchObject({ code: 'outward_certificate' });
    const { outward, add } = await channels();
    for (const config of [webhook('localhost'), mail('tls'), mail('starttls')]) {
      await expect(outward.test(add(config))).rejects.toMatchObject({ code: 'outward_certificate' });
    }
    expect(seen.length + mails.length).toBe(before);
  });
});
