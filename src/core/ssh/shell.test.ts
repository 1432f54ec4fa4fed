import type { PseudoTtyInfo, ServerChannel, Session } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { createPoolFixture, failure, text } from './testing/pool-fixture.ts';
import { targetAt, type TestServerOptions } from './testing/server.ts';
import type { SshShell } from './types.ts';

const fixture = createPoolFixture();
afterEach(() => fixture.end());

interface Opened {
  channel: ServerChannel;
  session: Session;
  pty: PseudoTtyInfo;
}

async function ready(options: TestServerOptions = {}) {
  const opened: Opened[] = [];
  const server = await fixture.server({
    onShell: (channel, session, pty) => {
      // A host answers a close once its side was read.
      channel.on('data', () => undefined);
      opened.push({ channel, session, pty });
    },
    ...options,
  });
  const { pool } = fixture.pool(targetAt(server.port));
  const shell = () => pool.shell('m1', { columns: 80, rows: 24, reason: 'test' });
  return { server, pool, opened, shell };
}

const until = async (what: string, holds: () => boolean): Promise<void> => {
  const limitMs = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > limitMs) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const never = new AbortController().signal;

async function readAll(shell: SshShell): Promise<string> {
  let all = '';
  for await (const piece of shell.output(never)) all += text(piece);
  return all;
}

describe('a terminal', () => {
  it('has the asked size and kind, and passes bytes both ways', async () => {
    const { opened, shell } = await ready();
    const mine = await shell();
    const [host] = opened;
    expect(host?.pty).toMatchObject({ cols: 80, rows: 24, term: 'xterm-256color' });
    host?.channel.on('data', (typed: Buffer) => host.channel.write(`<${typed.toString()}>`));
    const pieces = mine.output(never)[Symbol.asyncIterator]();
    await mine.write(Buffer.from('déjà 漢'));
    expect(text((await pieces.next()).value as Uint8Array)).toBe('<déjà 漢>');
  });

  it('tells the host a new size', async () => {
    const { opened, shell } = await ready();
    const mine = await shell();
    const sizes: unknown[] = [];
    opened[0]?.session.on('window-change', (accept, _reject, { cols, rows }) => {
      sizes.push([cols, rows]);
      (accept as (() => void) | undefined)?.();
    });
    mine.resize({ columns: 200, rows: 60 });
    await until('the size', () => sizes.length > 0);
    expect(sizes).toEqual([[200, 60]]);
  });

  it('gives all output before the end, and the exit status', async () => {
    const { opened, shell } = await ready();
    const mine = await shell();
    const whole = 'x'.repeat(300_000);
    opened[0]?.channel.write(whole, () => {
      opened[0]?.channel.exit(3);
      opened[0]?.channel.end();
    });
    expect((await readAll(mine)).length).toBe(whole.length);
    expect(await mine.ended).toEqual({ kind: 'exited', exitCode: 3, signal: null });
  });

  it('has not ended while its last words are not read', async () => {
    const { opened, shell } = await ready();
    const mine = await shell();
    let isEnded = false;
    void mine.ended.then(() => (isEnded = true));
    opened[0]?.channel.write('last words', () => {
      opened[0]?.channel.exit(0);
      opened[0]?.channel.end();
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isEnded).toBe(false);
    expect(await readAll(mine)).toBe('last words');
    expect(await mine.ended).toMatchObject({ kind: 'exited', exitCode: 0 });
  });

  it('can be closed with last words that nobody reads', async () => {
    const { opened, shell } = await ready();
    const mine = await shell();
    opened[0]?.channel.write('last words', () => {
      opened[0]?.channel.exit(0);
      opened[0]?.channel.end();
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    mine.close();
    expect(await mine.ended).toMatchObject({ kind: 'exited' });
  });

  it('ends as lost when the link goes, after what had arrived', async () => {
    const { server, opened, shell } = await ready();
    const mine = await shell();
    opened[0]?.channel.write('last words');
    const pieces = mine.output(never)[Symbol.asyncIterator]();
    expect(text((await pieces.next()).value as Uint8Array)).toBe('last words');
    server.cut();
    expect((await pieces.next()).done).toBe(true);
    expect(await mine.ended).toMatchObject({ kind: 'lost', error: { code: 'ssh_connection_lost' } });
  });

  it('takes no more than the window of SSH while nobody reads, and input still goes', async () => {
    const { opened, shell } = await ready();
    const mine = await shell();
    const host = opened[0]?.channel;
    if (!host) throw new Error('no channel');
    const chunk = Buffer.alloc(256 * 1024, 'y');
    let sent = 0;
    const pump = (): void => {
      while (host.writable && sent < 20 * 1024 * 1024) {
        sent += chunk.length;
        if (!host.write(chunk)) {
          host.once('drain', pump);
          return;
        }
      }
    };
    pump();
    const typed: string[] = [];
    host.on('data', (data: Buffer) => {
      typed.push(data.toString());
    });
    await until('the sender stops', () => host.writableNeedDrain);
    const before = sent;
    // The interrupt arrives though not one byte of the flood was read.
    await mine.write(Buffer.from('\x03'));
    await until('the interrupt', () => typed.length > 0);
    expect(typed).toEqual(['\x03']);
    expect(sent).toBe(before);
    expect(sent).toBeLessThan(5 * 1024 * 1024);
    mine.close();
  });

  it('does not share a connection with scripts, and fills one before it opens another', async () => {
    const { server, opened, shell } = await ready();
    const shells = [];
    for (let count = 0; count < 9; count += 1) shells.push(await shell());
    expect([opened.length, server.connectionCount]).toEqual([9, 2]);
    for (const each of shells) each.close();
    await Promise.all(shells.map((each) => each.ended));
  });

  it('takes another connection where a server allows one session each', async () => {
    const { server, shell } = await ready({ maxSessions: 1 });
    const first = await shell();
    const second = await shell();
    expect(server.connectionCount).toBe(2);
    first.close();
    second.close();
  });

  it('is refused with a reason where the server gives no shell', async () => {
    const server = await fixture.server();
    const { pool } = fixture.pool(targetAt(server.port));
    const error = await failure(pool.shell('m1', { columns: 80, rows: 24, reason: 'test' }));
    expect(error.code).toBe('ssh_channel_refused');
  });

  it('leaves no connection behind once the pool is closed', async () => {
    const { server, pool, shell } = await ready();
    const mine = await shell();
    await pool.close();
    expect((await mine.ended).kind).toBe('lost');
    await until('sockets closed', () => server.openSockets === 0);
  });
});
