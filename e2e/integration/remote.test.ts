import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRemoteRuns } from '../../src/core/remote/runs.ts';
import type { FollowSink, RemoteRuns, RunEnd } from '../../src/core/remote/types.ts';
import { createSshPool } from '../../src/core/ssh/pool.ts';
import type { SshDirectory, SshPool } from '../../src/core/ssh/types.ts';
import type { AppError } from '../../src/shared/domain/errors.ts';
import { createTestbed, unavailableReason, until } from '../testbed/index.ts';
import type { Testbed, TestbedHost } from '../testbed/index.ts';

const unavailable = unavailableReason();
const runsDir = '/var/lib/homeport/runs';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(unavailable !== null)(
  `runs on real hosts${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  () => {
    let bed: Testbed;
    beforeAll(async () => {
      bed = await createTestbed({
        name: 'remote',
        hosts: [
          { name: 'light', shell: 'fish', noisy: true, packages: ['slow'], slowSeconds: 6 },
          { name: 'booted', kind: 'systemd', packages: ['slow'], slowSeconds: 6 },
          {
            name: 'trixie',
            kind: 'systemd',
            suite: 'trixie',
            sudo: 'nopasswd',
            packages: ['slow'],
            slowSeconds: 6,
          },
        ],
      });
    });
    afterAll(() => bed.close());

    describe.each([
      ['light', 'setsid'],
      ['booted', 'systemd'],
      ['trixie', 'systemd'],
    ] as const)('%s', (name, how) => {
      let host: TestbedHost;
      let pool: SshPool;
      let runs: RemoteRuns;
      let id: string;

      beforeEach(() => {
        host = bed.host(name);
        pool = createSshPool({ directory: directoryOf(bed) });
        runs = createRemoteRuns({
          exec: (machineId, request) => pool.exec(machineId, request),
          log: { info: () => undefined, error: () => undefined },
        });
        id = randomUUID();
      });
      afterEach(async () => {
        await host.resumeNetwork();
        await pool.close();
      });

      const launch = (script: string) => runs.launch({ machineId: name, executionId: id, script });
      const hostFile = (file: string) => host.readFile(`${runsDir}/${id}/${file}`);

      /** Follows from the beginning; `kept` grows while it goes on. */
      function follow() {
        const kept = { output: Buffer.alloc(0), progress: Buffer.alloc(0), downs: [] as string[], ups: 0 };
        const sink: FollowSink = {
          async output(offset, bytes) {
            expect(offset).toBe(kept.output.length);
            kept.output = Buffer.concat([kept.output, bytes]);
          },
          async progress(offset, bytes) {
            expect(offset).toBe(kept.progress.length);
            kept.progress = Buffer.concat([kept.progress, bytes]);
          },
          linkDown: (error: AppError) => void kept.downs.push(error.code),
          linkUp: () => void (kept.ups += 1),
        };
        const ended = runs.follow(name, id, { output: 0, progress: 0 }, sink);
        ended.catch(() => undefined);
        return { kept, ended };
      }
      const has = (kept: { output: Buffer }, text: string, timeoutMs = 20_000) =>
        until(`"${text}" arrives`, async () => (kept.output.includes(text) ? true : null), timeoutMs);

      async function expectWhole(end: RunEnd, kept: { output: Buffer; progress: Buffer }) {
        const output = await hostFile('output');
        expect(kept.output.length).toBe(output.length);
        expect(end).toMatchObject({ outputSha256: sha256(output), outputBytes: output.length });
        expect(sha256(kept.output)).toBe(sha256(output));
        expect(kept.progress.equals(await hostFile('progress'))).toBe(true);
      }

      /** Lines, control characters and bytes that are no text, ten times a second, until /tmp/go-ID exists. */
      const talker = () =>
        `i=0; until [ -e /tmp/go-${id} ]; do i=$((i+1)); printf 'line %s caf\\351 \\033[1m\\000\\r' "$i"; head -c 300 /dev/urandom; echo "dlstatus:$i:1:x" >&3; sleep 0.1; done; echo; echo finished; exit 3`;

      it(`starts by ${how}, once, and brings everything back`, async () => {
        const script = `echo "$0 as $(id -un) in $PWD"; head -c 3000000 /dev/urandom; exit 5`;
        const [first, second] = await Promise.all([launch(script), launch(script)]);
        expect([first.how, second.how]).toEqual([how, how]);
        expect(first.bootId).toBe(await host.bootId());
        const { kept, ended } = follow();
        const end = await ended;
        expect(end).toMatchObject({ kind: 'exited', exitCode: 5 });
        expect(kept.output.toString('latin1').split('\n')[0]).toBe(`./cmd.sh as root in ${runsDir}/${id}`);
        expect(kept.output.length).toBeGreaterThan(3_000_000);
        await expectWhole(end, kept);
        expect((await launch(script)).alreadyThere).toBe(true);
        await runs.remove(name, id);
        expect((await host.run(`ls -A ${runsDir}`)).stdout).toBe('');
        expect((await host.run('systemctl list-units --all --no-legend "homeport-*"')).stdout).toBe('');
      });

      it('loses and doubles nothing when sessions are killed and sshd is restarted', async () => {
        await launch(talker());
        const { kept, ended } = follow();
        await has(kept, 'line 5 ');
        await host.killSshSessions();
        await until('the link is up again', async () => (kept.ups === 1 ? true : null), 10_000);
        await host.restartSshd();
        await host.killSshSessions();
        await until('the link is up again', async () => (kept.ups === 2 ? true : null), 10_000);
        pool.drop(name);
        const seen = kept.output.length;
        await until('more arrives', async () => (kept.output.length > seen ? true : null), 10_000);
        await host.run(`touch /tmp/go-${id}`);
        const end = await ended;
        expect(end).toMatchObject({ kind: 'exited', exitCode: 3 });
        expect(kept.output.includes('finished')).toBe(true);
        await expectWhole(end, kept);
      });

      it('goes on within 10 s after the network was away without a word', async () => {
        await launch(talker());
        const { kept, ended } = follow();
        await has(kept, 'line 5 ');
        await host.pauseNetwork();
        await until('the silence is noticed', async () => (kept.downs.length > 0 ? true : null), 20_000);
        // The length of the outage is what is tested: TCP's own repeats are many seconds apart by then.
        await wait(20_000);
        const seen = kept.output.length;
        const back = performance.now();
        await host.resumeNetwork();
        await until('more arrives', async () => (kept.output.length > seen ? true : null), 30_000);
        expect(performance.now() - back).toBeLessThan(10_000);
        await host.run(`touch /tmp/go-${id}`);
        const end = await ended;
        expect(end).toMatchObject({ kind: 'exited', exitCode: 3 });
        await expectWhole(end, kept);
      });

      it('says interrupted when the run was killed', async () => {
        await launch(`echo begun; exec sleep 300`);
        const { kept, ended } = follow();
        await has(kept, 'begun');
        await host.run(`kill -s KILL -- -$(sed 's/.*"pid"://; s/,.*//' ${runsDir}/${id}/status.json)`);
        const end = await ended;
        expect(end.kind).toBe('interrupted');
        await expectWhole(end, kept);
      });

      it('cancels what is not dpkg', async () => {
        await launch(`echo begun; sleep 300; echo never`);
        const { kept, ended } = follow();
        await has(kept, 'begun');
        expect(await runs.cancel(name, id)).toBe(true);
        const end = await ended;
        expect(end).toMatchObject({ kind: 'exited', exitCode: 143 });
        await expectWhole(end, kept);
      });

      it('brings an upgrade to its end whose sessions are killed, and does not cancel dpkg', async () => {
        await launch(
          'export DEBIAN_FRONTEND=noninteractive LC_ALL=C; exec apt-get -y -q -o APT::Status-Fd=3 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold dist-upgrade',
        );
        const { kept, ended } = follow();
        await has(kept, 'hp-slow: configuration', 60_000);
        expect(await runs.cancel(name, id)).toBe(false);
        await host.killSshSessions();
        const end = await ended;
        expect(end).toMatchObject({ kind: 'exited', exitCode: 0 });
        expect(kept.downs).not.toEqual([]);
        await expectWhole(end, kept);
        expect(kept.progress.toString()).toMatch(/^pmstatus:hp-slow/m);
        expect((await host.run('dpkg --audit; apt-get check')).code).toBe(0);
        const version = await host.run("dpkg-query -W -f '${Version} ${db:Status-Abbrev}' hp-slow");
        expect(version.stdout.trim()).toBe('1.1 ii');
      });

      it('sees a power cut by the boot id', async () => {
        await launch(`echo begun; exec sleep 300`);
        const { kept, ended } = follow();
        await has(kept, 'begun');
        await host.stop();
        await host.start();
        const end = await ended;
        expect(end.kind).toBe('interrupted_by_reboot');
        await expectWhole(end, kept);
        await runs.remove(name, id);
      });

      it.runIf(how === 'systemd')('makes an orderly reboot wait for the end of the run', async () => {
        await launch(`echo begun; sleep 8; echo unharmed`);
        const { kept, ended } = follow();
        await has(kept, 'begun');
        await host.reboot();
        const end = await ended;
        expect(end).toMatchObject({ kind: 'exited', exitCode: 0 });
        expect(kept.output.toString()).toBe('begun\nunharmed\n');
        await expectWhole(end, kept);
      });

      it('leaves nothing after a sweep', async () => {
        const left = await runs.sweep(name, 0);
        expect(left.length).toBeGreaterThan(0);
        expect((await host.run(`ls -A ${runsDir}`)).stdout).toBe('');
      });
    });
  },
);

/** The testbed's hosts as machines; their host keys are approved unseen. */
function directoryOf(bed: Testbed): SshDirectory {
  return {
    target(machineId) {
      const host = bed.host(machineId);
      return {
        machineId,
        name: machineId,
        hostname: host.address,
        port: 22,
        username: host.user,
        authMethod: 'ssh_key',
        sudoMode: host.sudo === 'nopasswd' ? 'nopasswd' : 'separate',
        jumpMachineId: null,
        allowLegacyAlgorithms: false,
      };
    },
    async secret(machineId, field) {
      if (field === 'privateKey') return bed.privateKey;
      return field === 'keyPassphrase' ? null : bed.host(machineId).password;
    },
    checkHostKey: () => 'approved',
    approvedKeyTypes: () => [],
  };
}
