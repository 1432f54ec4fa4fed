import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteStream } from '../../src/shared/contract/define.ts';
import { toAppError } from '../../src/shared/domain/errors.ts';
import { addHost, openCoreSession, openVault, type CoreSession } from '../support/core-session.ts';
import { createTestbed, unavailableReason, until, type Testbed } from '../testbed/index.ts';

const unavailable = unavailableReason();
const encoder = new TextEncoder();
const MiB = 1024 * 1024;

/** A terminal as a page holds one; reads only when told to. */
interface Held {
  readonly id: string;
  readonly stream: ByteStream;
  type(text: string): void;
  /** Reads until the text shows what is wanted; the bytes read on the way. */
  readUntil(wanted: RegExp): Promise<{ text: string; bytes: number }>;
  next(): Promise<IteratorResult<Uint8Array>>;
}

describe.skipIf(unavailable !== null)(
  `terminals on real hosts${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  () => {
    let bed: Testbed;
    let session: CoreSession;
    let machineId: string;
    beforeAll(async () => {
      bed = await createTestbed({ name: 'terminals', hosts: [{ name: 'shell', packages: ['clean'] }] });
      session = await openCoreSession();
      await openVault(session);
      machineId = await addHost(session, bed.host('shell'));
    }, 300_000);
    afterAll(async () => {
      await session.close();
      await bed.close();
    });

    async function open(windowBytes = 512 * 1024): Promise<Held> {
      const { client } = session;
      const { id } = await client['terminals.open']({ machineId, columns: 80, rows: 24 });
      const stream = client['terminals.stream']({ id }, { windowBytes });
      const pieces = stream[Symbol.asyncIterator]();
      const decoder = new TextDecoder();
      return {
        id,
        stream,
        type: (text) => {
          stream.write(encoder.encode(text));
        },
        next: () => pieces.next(),
        async readUntil(wanted) {
          let text = '';
          let bytes = 0;
          while (!wanted.test(text)) {
            const next = await pieces.next();
            if (next.done)
              throw new Error(`The terminal ended before ${String(wanted)}: ${text.slice(-200)}`);
            bytes += next.value.byteLength;
            text = (text + decoder.decode(next.value, { stream: true })).slice(-100_000);
          }
          return { text, bytes };
        },
      };
    }
    const sessions = async () => {
      for await (const state of session.client['terminals.watch']({})) return state.sessions;
      throw new Error('no state');
    };
    const status = async (id: string) => (await sessions()).find((one) => one.id === id)?.status;
    /** Shells of the user on the host. */
    const shellsThere = async () => {
      const { stdout } = await bed.host('shell').run('pgrep -c -u ops bash || true');
      return Number(stdout.trim());
    };

    it('is a terminal of UTF-8 with the asked size, and takes a new one', async () => {
      const held = await open();
      held.type("stty size; printf '%s|d\\303\\251j\\303\\240|' $TERM; locale charmap; echo do''ne\r");
      const { text } = await held.readUntil(/done\r\n/);
      expect(text).toContain('24 80\r\n');
      expect(text).toContain('xterm-256color|déjà|UTF-8');
      await session.client['terminals.resize']({ id: held.id, columns: 200, rows: 60 });
      held.type('stty size\r');
      expect((await held.readUntil(/60 200/)).text).toContain('60 200');
      held.stream.close();
      await until('closed', async () => (await status(held.id)) === 'closed' || null, 20_000);
    });

    it('holds no more of a flood than its windows while nobody reads, and loses none of it', async () => {
      const held = await open();
      held.type('stty -echo -onlcr; PS1=; echo re""ady\r');
      await held.readUntil(/ready/);
      global.gc?.();
      const before = process.memoryUsage();
      held.type("head -c 20971520 /dev/zero | tr '\\0' x; echo; echo e''nd; stty size\r");
      // Blocked: it has written something, not all, and nothing since the last look.
      let written = 0;
      await until(
        'the host waits',
        async () => {
          const { stdout } = await bed
            .host('shell')
            .run('cat /proc/$(pgrep -n -u ops "^tr$")/io | sed -n "s/^wchar: //p"');
          const now = Number(stdout.trim());
          const isBlocked = now > 0 && now < 20 * MiB && now === written;
          written = now;
          return isBlocked || null;
        },
        20_000,
        300,
      );
      const during = process.memoryUsage();
      // 2 MB of SSH's window, the last MB for the next page and the frames on their way; the rest is not yet collected.
      expect(during.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * MiB);
      const { bytes } = await held.readUntil(/end\n24 80\n/);
      expect(bytes).toBeGreaterThan(20 * MiB);
      expect(bytes).toBeLessThan(20 * MiB + 1000);
      held.stream.close();
    }, 120_000);

    it('answers Ctrl-C during a flood after no more than the windows hold', async () => {
      const held = await open();
      await held.readUntil(/\$ /);
      held.type("yes 'a line of the flood'\r");
      for (let read = 0; read < 4 * MiB;) {
        const next = await held.next();
        if (next.done) throw new Error('The flood ended by itself');
        read += next.value.byteLength;
      }
      held.type('\x03');
      const { bytes } = await held.readUntil(/\^C/);
      // 2 MB of SSH's window, what was between, half a megabyte on the wire, and buffers of the kernel's terminal.
      expect(bytes).toBeLessThan(6 * MiB);
      held.type('echo st""ill; stty size\r');
      await held.readUntil(/still\r\n24 80/);
      held.stream.close();
    }, 60_000);

    it('ends with an error when the link is cut, and another opens', async () => {
      const held = await open();
      await held.readUntil(/\$ /);
      const ending = held.readUntil(/never shown/).catch((error: unknown) => toAppError(error).code);
      await bed.host('shell').run('pkill -KILL -u ops sshd');
      expect(await ending).toBe('ssh_connection_lost');
      expect(await status(held.id)).toBe('error');
      const again = await open();
      again.type('echo ba""ck\r');
      await again.readUntil(/back/);
      again.stream.close();
    }, 60_000);

    it('goes to another reader in the middle of a flood, with no byte lost or twice', async () => {
      const { client } = session;
      const held = await open();
      held.type('stty -echo -onlcr; PS1=; echo re""ady\r');
      await held.readUntil(/ready\n/);
      const { id } = held;
      held.type('seq 1 600000; echo en""d\r');
      const seen: Uint8Array[] = [];
      let taken = 0;
      while (taken < MiB) {
        const next = await held.next();
        if (next.done) throw new Error('The flood ended by itself');
        seen.push(next.value.slice());
        taken += next.value.byteLength;
      }
      // What was read before the flood counts as well: positions are those of the whole stream.
      const detaching = client['terminals.detach']({
        id,
        screen: { text: 'drawn', columns: 80, rows: 24 },
        at: 0,
      });
      for (let next = await held.next(); !next.done; next = await held.next()) {
        seen.push(next.value.slice());
        taken += next.value.byteLength;
      }
      await detaching;
      const first = Buffer.concat(seen).toString();
      const { at, screen } = await client['terminals.attach']({ id });
      expect([at, screen?.text]).toEqual([0, 'drawn']);
      // Some of what was read is read again, as by a page whose screen is behind.
      const again = client['terminals.stream']({ id, from: taken - MiB / 2 });
      let rest = '';
      for await (const piece of again) {
        rest += Buffer.from(piece).toString();
        if (rest.slice(-70_000).includes('end\n')) break;
      }
      const numbers = (text: string) => (text.match(/^\d+$/gm) ?? []).map(Number);
      const overlap = numbers(rest);
      // Whole lines only: the first of what comes may be cut, and the last of what came.
      const whole = overlap.slice(1);
      expect(whole.findIndex((value, index) => value !== (whole[0] ?? 0) + index)).toBe(-1);
      expect(overlap.at(-1)).toBe(600_000);
      expect(overlap[1]!).toBeLessThan(numbers(first).at(-2)!);
      again.close();
      await until('closed', async () => (await status(id)) === 'closed' || null, 20_000);
    }, 60_000);

    it('outlives a wire that breaks, and ends when nobody comes back', async () => {
      const held = await open();
      held.type('echo st""ays\r');
      await held.readUntil(/stays\r\n/);
      session.reconnect();
      const { screen, at } = await session.client['terminals.attach']({ id: held.id });
      expect([screen, at]).toEqual([null, 0]);
      const again = session.client['terminals.stream']({ id: held.id, from: at });
      let text = '';
      for await (const piece of again) {
        text += Buffer.from(piece).toString();
        if (text.includes('stays\r\n')) break;
      }
      await until('closed', async () => (await status(held.id)) === 'closed' || null, 20_000);
    }, 60_000);

    it('ends with its shell, and with the switch', async () => {
      const held = await open();
      await held.readUntil(/\$ /);
      held.type('exit\r');
      for (let next = await held.next(); !next.done; next = await held.next());
      expect(await status(held.id)).toBe('closed');
      const other = await open();
      await other.readUntil(/\$ /);
      const ending = other.readUntil(/never shown/).catch((error: unknown) => toAppError(error).code);
      await session.client['terminals.setEnabled']({ enabled: false });
      expect(await ending).toBe('cancelled');
      await expect(open()).rejects.toMatchObject({ code: 'not_allowed' });
      await session.client['terminals.setEnabled']({ enabled: true });
      await until('no shell is left', async () => (await shellsThere()) === 0 || null, 20_000);
    }, 60_000);

    it('leaves nothing behind after two hundred sessions', async () => {
      const handles = () => readdirSync('/proc/self/fd').length;
      const first = await open();
      await first.readUntil(/\$ /);
      const memory = () => {
        global.gc?.();
        const { heapUsed, external } = process.memoryUsage();
        return heapUsed + external;
      };
      const before = handles();
      const memoryBefore = memory();
      for (let round = 0; round < 20; round += 1) {
        const ten = await Promise.all(Array.from({ length: 10 }, () => open()));
        await Promise.all(ten.map((held) => held.readUntil(/\$ /)));
        for (const held of ten) held.stream.close();
        await until(
          'closed',
          async () => (await sessions()).filter((one) => one.status === 'open').length === 1 || null,
          20_000,
        );
      }
      expect(handles()).toBeLessThanOrEqual(before + 2);
      expect(memory() - memoryBefore).toBeLessThan(10 * MiB);
      await until('one shell is left', async () => (await shellsThere()) === 1 || null, 20_000);
      first.stream.close();
    }, 180_000);
  },
);
