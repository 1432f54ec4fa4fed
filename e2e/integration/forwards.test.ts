import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PortForward } from '../../src/shared/contract/forwards.ts';
import { toAppError } from '../../src/shared/domain/errors.ts';
import { readAsciicast } from '../support/asciicast.ts';
import { startApp, type AppProcess } from '../support/app-process.ts';
import { addHost, openVault } from '../support/core-session.ts';
import { forwardsNow, recordingsNow, sha256 } from '../support/transfers.ts';
import { createTestbed, unavailableReason, until, type Testbed, type TestbedHost } from '../testbed/index.ts';

const unavailable = unavailableReason();
const MiB = 1024 * 1024;
const encoder = new TextEncoder();

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => toAppError(error).code,
  );

/** Says back what it is told until its client has said all. */
async function echoServer(): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
async function freePort(): Promise<number> {
  const { server, port } = await echoServer();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
/** Sends bytes, ends its direction, and returns all that came back. */
function throughPort(port: number, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', reject);
    socket.on('end', () => {
      resolve(Buffer.concat(parts));
    });
    socket.end(bytes);
  });
}

describe.skipIf(unavailable !== null)(
  `forwards and recordings on real hosts${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  () => {
    let bed: Testbed;
    let host: TestbedHost;
    let app: AppProcess;
    let dataDir: string;
    let machineId: string;
    beforeAll(async () => {
      bed = await createTestbed({
        name: 'forwards',
        hosts: [
          { name: 'ports', packages: ['clean'], password: 'S3cret-of-ports' },
          { name: 'behind', packages: ['clean'], password: 'S3cret-of-behind' },
        ],
      });
      host = bed.host('ports');
      dataDir = mkdtempSync(join(tmpdir(), 'homeport-forwards-'));
      app = await startApp(dataDir);
      await openVault(app);
      machineId = await addHost(app, host);
    }, 300_000);
    afterAll(async () => {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
      await bed.close();
    });

    const find = async (id: string): Promise<PortForward | undefined> =>
      (await forwardsNow(app.client)).find((one) => one.id === id);
    const reaches = (id: string, state: PortForward['state'], timeoutMs = 20_000): Promise<PortForward> =>
      until(
        `forward ${state}`,
        async () => {
          const one = await find(id);
          return one?.state === state ? one : null;
        },
        timeoutMs,
      );
    const add = async (
      kind: 'local' | 'remote',
      bindPort: number,
      targetPort: number,
      more: { bindAddress?: string; startsWithApp?: boolean; isExposed?: boolean } = {},
    ): Promise<string> => {
      const { id } = await app.client['forwards.save']({
        machineId,
        kind,
        bindPort,
        targetHost: '127.0.0.1',
        targetPort,
        ...more,
      });
      return id;
    };
    /** An echo on the host, reached by nobody but itself. */
    const echoThere = async (port: number): Promise<void> => {
      await host.writeFile(
        '/root/echo.pl',
        `use IO::Socket::INET; my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => ${port}, Listen => 20, ReuseAddr => 1) or die;
         $SIG{CHLD} = 'IGNORE';
         while (my $c = $l->accept) { next if fork; while (sysread($c, my $b, 65536)) { my $o = 0; while ($o < length $b) { $o += syswrite($c, $b, length($b) - $o, $o) } } shutdown($c, 1); exit }`,
      );
      await host.run('setsid perl /root/echo.pl >/dev/null 2>&1 </dev/null &');
      await until(
        'the echo listens',
        async () => (await host.run(`ss -ltn | grep -q 127.0.0.1:${port}`)).code === 0 || null,
        10_000,
      );
    };

    it('leads bytes through the machine and through this computer, at once and both ways', async () => {
      await echoThere(7001);
      const port = await freePort();
      const local = await add('local', port, 7001);
      await app.client['forwards.start']({ id: local });
      await reaches(local, 'running');
      const loads = Array.from({ length: 6 }, () => randomBytes(2 * MiB));
      const backs = await Promise.all(loads.map((bytes) => throughPort(port, bytes)));
      expect(backs.map((bytes) => sha256(bytes))).toEqual(loads.map((bytes) => sha256(bytes)));
      const told = await until(
        'all are closed',
        async () => {
          const one = await find(local);
          return one?.openConnections === 0 ? one : null;
        },
        10_000,
      );
      expect(told).toMatchObject({ allConnections: 6, bytesOut: 12 * MiB, bytesBack: 12 * MiB, error: null });
      // Loopback only: the port is not open on any other address.
      const table = readFileSync('/proc/net/tcp', 'utf8');
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      const listening = table.split('\n').filter((line) => line.includes(`:${hex} 00000000:0000 0A`));
      expect(listening).toHaveLength(1);
      expect(listening[0]).toContain(`0100007F:${hex}`);

      const echo = await echoServer();
      const remote = await add('remote', 7002, echo.port);
      await app.client['forwards.start']({ id: remote });
      await reaches(remote, 'running');
      expect((await host.run('ss -ltn | grep :7002')).stdout).toContain('127.0.0.1:7002');
      await host.run('head -c 3000000 /dev/urandom > /root/sent');
      await host.run(
        `perl -e 'use IO::Socket::INET; my $s = IO::Socket::INET->new("127.0.0.1:7002") or die; open F, "</root/sent"; local $/; my $b = <F>; if (!fork) { print $s $b; $s->flush; shutdown($s, 1); exit } open O, ">/root/back"; while (sysread($s, my $r, 65536)) { print O $r } close O'`,
      );
      expect((await host.run('cmp /root/sent /root/back && echo same')).stdout).toBe('same\n');
      await app.client['forwards.stop']({ id: remote });
      await until(
        'released',
        async () => (await host.run('ss -ltn | grep -q :7002')).code !== 0 || null,
        10_000,
      );
      echo.server.close();
      await app.client['forwards.stop']({ id: local });
      await expect(throughPort(port, Buffer.from('x'))).rejects.toThrow(/ECONNREFUSED/);
      await app.client['forwards.remove']({ id: remote });
      await app.client['forwards.remove']({ id: local });
      expect(await forwardsNow(app.client)).toEqual([]);
    });

    it('says what stands in the way', async () => {
      const taken = await echoServer();
      const busy = await add('local', taken.port, 7001);
      await app.client['forwards.start']({ id: busy });
      expect((await reaches(busy, 'failed')).error?.kind).toBe('forward_port_in_use');
      taken.server.close();
      const held = await add('remote', 22, 1);
      await app.client['forwards.start']({ id: held });
      expect((await reaches(held, 'failed')).error?.kind).toBe('forward_refused');
      expect(await codeOf(add('local', 7003, 1, { bindAddress: '0.0.0.0' }))).toBe('not_allowed');
      const foreign = await add('local', 7003, 1, { bindAddress: '192.0.2.1', isExposed: true });
      await app.client['forwards.start']({ id: foreign });
      expect((await reaches(foreign, 'failed')).error?.kind).toBe('forward_address_unusable');
      const port = await freePort();
      const nobody = await add('local', port, 7009);
      await app.client['forwards.start']({ id: nobody });
      await reaches(nobody, 'running');
      expect((await throughPort(port, Buffer.from('x')).catch(() => Buffer.alloc(0))).byteLength).toBe(0);
      const met = async (kind: string) => (await find(nobody))?.error?.kind === kind || null;
      await until('nothing answers', () => met('forward_unreachable'), 10_000);
      await host.run('echo "PermitOpen 127.0.0.1:9" >> /etc/ssh/sshd_config');
      await host.restartSshd();
      await host.killSshSessions();
      await reaches(nobody, 'reconnecting');
      await reaches(nobody, 'running', 30_000);
      await throughPort(port, Buffer.from('x')).catch(() => undefined);
      await until('it is prohibited', () => met('forward_prohibited'), 10_000);
      await host.run("sed -i '/^PermitOpen/d' /etc/ssh/sshd_config");
      await host.restartSshd();
      for (const { id } of await forwardsNow(app.client)) await app.client['forwards.remove']({ id });
    });

    it('goes on after the link was lost, starts with the application, and leaves nothing behind', async () => {
      await host.killSshSessions();
      const port = await freePort();
      const id = await add('local', port, 7001, { startsWithApp: true });
      const remote = await add('remote', 7005, 1);
      await app.client['forwards.start']({ id });
      await app.client['forwards.start']({ id: remote });
      await reaches(id, 'running');
      await reaches(remote, 'running');
      const bytes = randomBytes(200_000);
      expect((await throughPort(port, bytes)).equals(bytes)).toBe(true);
      const handles = () => readdirSync(`/proc/${app.pid}/fd`).length;
      const before = handles();
      for (let round = 0; round < 100; round += 1) await throughPort(port, bytes.subarray(0, 100));
      await until('sockets are closed', () => (handles() <= before + 1 ? true : null), 10_000);
      await host.killSshSessions();
      await reaches(id, 'reconnecting');
      await reaches(id, 'running', 30_000);
      await reaches(remote, 'running', 60_000);
      expect((await throughPort(port, bytes)).equals(bytes)).toBe(true);
      await app.close();
      await expect(throughPort(port, bytes)).rejects.toThrow(/ECONNREFUSED/);
      app = await startApp(dataDir);
      // The vault is locked: it waits for it, and starts when it opens.
      expect((await reaches(id, 'failed')).error?.kind).toBe('vault_locked');
      expect((await find(remote))?.state).toBe('stopped');
      await openVault(app);
      await reaches(id, 'running');
      expect((await throughPort(port, bytes)).equals(bytes)).toBe(true);
      const { events } = await app.client['timeline.list']({ machineId, limit: 100 });
      expect(events.find(({ eventType }) => eventType === 'forward.started')?.data).toMatchObject({
        direction: 'local',
        to: '127.0.0.1:7001',
      });
      await app.client['forwards.remove']({ id });
      await app.client['forwards.remove']({ id: remote });
    }, 180_000);

    /** A terminal, read to the end; `type` and `until` as a person would. */
    const openTerminal = async (machine = machineId) => {
      const { id } = await app.client['terminals.open']({ machineId: machine, columns: 80, rows: 24 });
      const stream = app.client['terminals.stream']({ id });
      const decoder = new TextDecoder();
      let text = '';
      const reading = (async () => {
        for await (const piece of stream) text += decoder.decode(piece, { stream: true });
      })().catch(() => undefined);
      return {
        id,
        reading,
        text: () => text,
        type: (line: string) => {
          stream.write(encoder.encode(line));
        },
        until: (wanted: RegExp) => until(String(wanted), () => wanted.test(text) || null, 20_000),
        close: () => {
          stream.close();
        },
      };
    };
    const castOf = async (id: string): Promise<Buffer> => {
      const parts: Uint8Array[] = [];
      const stream = app.client['recordings.read']({ id });
      stream.end();
      for await (const part of stream) parts.push(part.slice());
      return Buffer.concat(parts);
    };

    it('records what a terminal shows, in order, without the secrets of its machine and of its jump host', async () => {
      const behind = await addHost(app, bed.host('behind'));
      await app.client['machines.update']({ id: behind, jumpMachineId: machineId });
      const terminal = await openTerminal(behind);
      await terminal.until(/\$ /);
      terminal.type('echo be""fore\r');
      await terminal.until(/before\r\n/);
      const from = terminal.text().length;
      const { id } = await app.client['recordings.start']({ sessionId: terminal.id });
      expect(await recordingsNow(app.client)).toMatchObject({ running: [terminal.id], byDefault: false });
      // The secret of the way there in pieces with pauses between them, and in base64; its own; and a text of many bytes a character.
      terminal.type(
        "printf 'S3cr'; sleep 0.2; printf 'et-of'; sleep 0.2; printf -- '-ports|'; printf S3cret-of-ports | base64; echo S3cret-of-behind; printf 'déjà vu ✓ 漢字\\n'; seq 1 20000; echo do''ne\r",
      );
      await app.client['terminals.resize']({ id: terminal.id, columns: 100, rows: 30 });
      await terminal.until(/done\r\n/);
      terminal.type('exit\r');
      await terminal.reading;
      const one = await until(
        'it is measured',
        async () => {
          const [first] = (await recordingsNow(app.client)).recordings;
          return first && first.sha256 !== null ? first : null;
        },
        10_000,
      );
      expect(one).toMatchObject({ id, sessionId: terminal.id, machineId: behind, end: 'session' });
      expect(one.redactedSecrets).toBe(2);
      const cast = await castOf(id);
      expect(sha256(cast)).toBe(one.sha256);
      expect(cast.byteLength).toBe(one.sizeBytes);
      const { header, events, output: recorded } = readAsciicast(cast);
      expect(header).toMatchObject({ version: 2, width: 80, height: 24, title: 'behind' });
      expect(events.filter(([, code]) => code === 'r').map(([, , size]) => size)).toEqual(['100x30']);
      expect(recorded).not.toContain('before\r\n');
      for (const secret of ['S3cret-of-ports', 'S3cret-of-behind', btoa('S3cret-of-ports').slice(0, 16)])
        expect(cast.includes(secret)).toBe(false);
      const shown = terminal.text().slice(from);
      expect(shown).toContain('S3cret-of-ports|');
      const redacted = shown
        .replaceAll(/S3cret-of-(ports|behind)/g, '[redacted]')
        .replaceAll(btoa('S3cret-of-ports'), '[redacted]');
      expect(recorded).toBe(redacted);
      const { events: told } = await app.client['timeline.list']({ machineId: behind, limit: 20 });
      expect(told.some(({ eventType }) => eventType === 'recording.started')).toBe(true);
      await app.client['recordings.remove']({ id });
      expect((await recordingsNow(app.client)).recordings).toEqual([]);
      expect(await codeOf(castOf(id))).toBe('not_found');
      const left = readdirSync(join(dataDir, 'recordings'), { recursive: true }).map(String);
      expect(left.filter((name) => name.endsWith('.cast'))).toEqual([]);
    });

    it('keeps what a killed application had recorded, and it can be played', async () => {
      await app.client['recordings.setDefault']({ on: true });
      const terminal = await openTerminal();
      terminal.type('for i in $(seq 1 200); do echo line-$i; sleep 0.02; done\r');
      await terminal.until(/line-120\r\n/);
      const [file = ''] = readdirSync(join(dataDir, 'recordings'), { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.cast'));
      await until(
        'it was written as it came',
        () => readFileSync(join(dataDir, 'recordings', file), 'utf8').includes('line-100\\r\\n') || null,
        5_000,
      );
      await app.kill9();
      app = await startApp(dataDir);
      const [one] = (await recordingsNow(app.client)).recordings;
      expect(one).toMatchObject({ end: 'application', machineId });
      expect(one?.durationMs).toBeGreaterThan(1_000);
      const cast = await castOf(one?.id ?? '');
      expect(sha256(cast)).toBe(one?.sha256);
      expect(readAsciicast(cast).output).toContain('line-100\r\n');
      await openVault(app);
      await app.client['recordings.setDefault']({ on: false });
    });
  },
);
