import { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, expect, it } from 'vitest';
import { knowPacketKeys } from './packet-keys.ts';
import { readableKey } from './testing/keys.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers every command with so many bytes. */
async function serve(bytes: number): Promise<number> {
  const server = new ssh2.Server(
    { hostKeys: [readableKey(() => ssh2.utils.generateKeyPairSync('ed25519').private)] },
    (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (context) => {
        context.accept();
      });
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          acceptExec().end(Buffer.alloc(bytes, 'x'));
        });
      });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

it.each([
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'chacha20-poly1305@openssh.com',
] as const)('%s goes on with keys that are known', async (cipher) => {
  const client = new ssh2.Client();
  closing.push(() => client.end());
  let agreed = 0;
  client.on('handshake', () => {
    agreed += 1;
    knowPacketKeys(client);
  });
  const port = await serve(300_000);
  client.connect({
    host: '127.0.0.1',
    port,
    username: 'ops',
    password: 'x',
    algorithms: { cipher: [cipher] },
  });
  await once(client, 'ready');
  const read = () =>
    new Promise<number>((resolve, reject) => {
      client.exec('any', (error, channel) => {
        if (error) {
          reject(error);
          return;
        }
        let count = 0;
        channel.on('data', (data: Buffer) => (count += data.length));
        channel.on('close', () => {
          resolve(count);
        });
      });
    });
  expect(await read()).toBe(300_000);
  expect(agreed).toBe(1);
  const { _protocol } = client as unknown as {
    _protocol: { _cipher: { _encKey?: unknown }; _decipher: { _decipherKey?: unknown } };
  };
  const isGcm = cipher.includes('gcm');
  expect(_protocol._cipher._encKey instanceof KeyObject).toBe(isGcm);
  expect(_protocol._decipher._decipherKey instanceof KeyObject).toBe(isGcm);
});
