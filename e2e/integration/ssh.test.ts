import { createHash, randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSshPool, type SshPoolOptions } from '../../src/core/ssh/pool.ts';
import { testKey } from '../../src/core/ssh/testing/server.ts';
import type {
  ExecRequest,
  ExecResult,
  PresentedHostKey,
  SecretField,
  SshDirectory,
  SshPool,
  SshTarget,
} from '../../src/core/ssh/types.ts';
import { AppError } from '../../src/shared/domain/errors.ts';
import { createTestbed, unavailableReason, until, type HostSpec, type Testbed } from '../testbed/index.ts';

const small = { packages: ['clean'] } as const;
const hosts: HostSpec[] = [
  { name: 'plain', ...small },
  { name: 'dash', shell: 'dash', auth: 'password', ...small },
  { name: 'fish', shell: 'fish', noisy: true, ...small },
  { name: 'tcsh', shell: 'tcsh', noisy: true, locale: 'fr_FR.UTF-8', ...small },
  { name: 'zsh', shell: 'zsh', noisy: true, ...small },
  { name: 'noisy', noisy: true, locale: 'fr_FR.UTF-8', ...small },
  { name: 'trixie', suite: 'trixie', ...small },
  { name: 'nopasswd', sudo: 'nopasswd', ...small },
  { name: 'separate', sudo: 'separate', locale: 'fr_FR.UTF-8', ...small },
  { name: 'nosudoers', sudo: 'none', ...small },
  { name: 'sudoless', sudo: 'missing', ...small },
  { name: 'rootlogin', sudo: 'root', ...small },
  { name: 'kbdint', auth: 'keyboard-interactive', ...small },
  { name: 'twofactor', auth: 'key+password', ...small },
  { name: 'behind', behindJump: true, ...small },
];

const unavailable = unavailableReason();

describe.skipIf(unavailable !== null)(
  `SSH on real hosts${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  () => {
    let bed: Testbed;
    beforeAll(async () => {
      bed = await createTestbed({ name: 'ssh', hosts });
    });
    afterAll(async () => {
      await bed.close();
    });

    const pools: SshPool[] = [];
    afterEach(async () => {
      for (const pool of pools.splice(0)) await pool.close();
    });

    /** A pool whose directory is the testbed; host keys are approved when they are the hosts' own. */
    function setUp(changes: Record<string, Partial<SshTarget>> = {}, options: Partial<SshPoolOptions> = {}) {
      const secrets = new Map<string, string>();
      const asked: string[] = [];
      const approved = new Map<string, string>();
      const directory: SshDirectory = {
        target(machineId) {
          const host = bed.host(machineId);
          return {
            machineId,
            name: machineId,
            hostname: host.address,
            port: 22,
            username: host.user,
            authMethod:
              hosts.find(({ name }) => name === machineId)?.auth === 'key+password' ? 'ssh_key' : 'password',
            sudoMode:
              host.sudo === 'separate'
                ? 'separate'
                : host.sudo === 'nopasswd'
                  ? 'nopasswd'
                  : host.sudo === 'root'
                    ? 'none'
                    : 'same_as_ssh',
            jumpMachineId: null,
            allowLegacyAlgorithms: false,
            ...changes[machineId],
          };
        },
        async secret(machineId, field: SecretField) {
          asked.push(`${machineId}.${field}`);
          const given = secrets.get(`${machineId}.${field}`);
          if (given !== undefined) return given;
          const host = bed.host(machineId);
          if (field === 'password') return host.password;
          if (field === 'sudoPassword') return host.rootPassword;
          if (field === 'privateKey') return bed.privateKey;
          return null;
        },
        async checkHostKey(target, key: PresentedHostKey) {
          const known = approved.get(target.machineId);
          if (known === undefined) {
            const own = Object.values(await bed.host(target.machineId).hostKeyFingerprints());
            if (!own.includes(key.fingerprintSha256)) return 'unknown';
            approved.set(target.machineId, key.fingerprintSha256);
            return 'approved';
          }
          return known === key.fingerprintSha256 ? 'approved' : 'changed';
        },
        approvedKeyTypes: () => [],
      };
      const pool = createSshPool({ directory, ...options });
      pools.push(pool);
      return { pool, secrets, asked, approved };
    }

    const run = (
      pool: SshPool,
      machineId: string,
      script: string,
      more: Partial<ExecRequest> = {},
    ): Promise<ExecResult> => pool.exec(machineId, { script, timeoutMs: 20_000, reason: 'test', ...more });
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

    async function failure(promise: Promise<unknown>): Promise<AppError> {
      const error: unknown = await promise.then(
        () => new Error('it succeeded'),
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof AppError)) throw error as Error;
      return error;
    }

    describe('login shells, noise and locales', () => {
      it.each([
        'plain',
        'dash',
        'fish',
        'tcsh',
        'zsh',
        'noisy',
        'trixie',
        'kbdint',
        'twofactor',
        'rootlogin',
      ])('%s: output, errors and status come back exact', async (name) => {
        const { pool } = setUp();
        const script = String.raw`echo "$LC_ALL:$PWD"; printf '%s' "it's \"quoted\" \$5 %d !"; ls /nonexistent; cat; exit 3`;
        const result = await run(pool, name, script);
        expect(text(result.stdout)).toBe('C:/\nit\'s "quoted" $5 %d !');
        expect(text(result.stderr)).toContain('No such file or directory');
        expect(text(result.stderr)).not.toMatch(/READY|GO[0-9a-f]|END[0-9a-f]/);
        expect(result.exitCode).toBe(3);
      });

      it.each(['plain', 'fish', 'tcsh', 'trixie'])('%s: bytes go in and come out unchanged', async (name) => {
        const { pool } = setUp();
        const bytes = randomBytes(5_000_000);
        const there = await run(pool, name, 'sha256sum; echo "$STDIN_BYTES"', { stdin: bytes });
        expect(text(there.stdout)).toBe(`${createHash('sha256').update(bytes).digest('hex')}  -\n5000000\n`);
        const back = await run(pool, name, 'cat', { stdin: bytes });
        expect(Buffer.from(back.stdout).equals(bytes)).toBe(true);
      });

      it('takes nothing that follows the script for a command', async () => {
        const { pool } = setUp();
        const result = await run(pool, 'plain', 'head -c 3; exit 0', {
          stdin: Buffer.from('abc\ntouch /tmp/executed\n'.repeat(2000)),
        });
        expect(text(result.stdout)).toBe('abc');
        expect((await bed.host('plain').run('test -e /tmp/executed')).code).toBe(1);
      });

      it('names an account whose shell is nologin', async () => {
        await bed
          .host('dash')
          .run('useradd -m -s /usr/sbin/nologin -p "$(openssl passwd -6 letmein)" closed');
        const { pool, secrets } = setUp({ dash: { username: 'closed' } });
        secrets.set('dash.password', 'letmein');
        const error = await failure(run(pool, 'dash', 'true'));
        expect(error.code).toBe('ssh_channel_refused');
        expect(error.data['detail']).toContain('not available');
      });

      it('survives a login shell that prints megabytes first', async () => {
        await bed
          .host('dash')
          .run(
            'useradd -m -s /bin/bash -p "$(openssl passwd -6 letmein)" loud && echo \'head -c 20000000 /dev/urandom; head -c 3000000 /dev/urandom >&2\' > /home/loud/.bashrc',
          );
        const { pool, secrets } = setUp({ dash: { username: 'loud' } });
        secrets.set('dash.password', 'letmein');
        expect(text((await run(pool, 'dash', 'id -un')).stdout)).toBe('loud\n');
      });
    });

    describe('sudo', () => {
      it.each(['plain', 'noisy', 'tcsh', 'trixie', 'nopasswd', 'separate', 'rootlogin', 'twofactor'])(
        '%s: runs as root',
        async (name) => {
          const { pool } = setUp();
          const result = await run(pool, name, 'id -u; cat; echo oops >&2', {
            asRoot: true,
            stdin: Buffer.from('in'),
          });
          expect(text(result.stdout)).toBe('0\nin');
          expect(text(result.stderr)).toBe('oops\n');
        },
      );

      it('does not fetch a password that sudo does not ask for', async () => {
        const { pool, asked } = setUp({ nopasswd: { sudoMode: 'separate' } });
        await run(pool, 'nopasswd', 'id -u', { asRoot: true });
        expect(asked).toEqual(['nopasswd.password']);
      });

      it('never puts the password where others see it', async () => {
        const { pool } = setUp();
        const host = bed.host('plain');
        const result = await run(
          pool,
          'plain',
          'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"; set',
          { asRoot: true },
        );
        expect(result.stdout.length).toBeGreaterThan(1000);
        expect(text(result.stdout)).not.toContain(host.password);
        expect(text(result.stderr)).not.toContain(host.password);
      });

      it('offers a wrong password once, and not again on the next call', async () => {
        const { pool, secrets } = setUp({ plain: { sudoMode: 'separate' } });
        secrets.set('plain.sudoPassword', 'wrong one');
        const host = bed.host('plain');
        await host.writeFile('/etc/sudoers.d/log', 'Defaults logfile=/var/log/sudo-test.log\n', '440');
        const refusals = async () =>
          (await host.run("grep -c 'incorrect password attempt' /var/log/sudo-test.log")).stdout.trim();
        const error = await failure(run(pool, 'plain', 'id', { asRoot: true }));
        expect(error.code).toBe('sudo_password_wrong');
        const startedMs = performance.now();
        await until('sudo wrote its log', async () => ((await refusals()) === '1' ? true : null), 5000);
        const again = await failure(run(pool, 'plain', 'id', { asRoot: true }));
        expect(again.code).toBe('sudo_password_wrong');
        expect(again.data['detail']).toBe('refused_before');
        expect(performance.now() - startedMs).toBeLessThan(1500); // a refusal by sudo costs two seconds
        expect(await refusals()).toBe('1');
        secrets.set('plain.sudoPassword', bed.host('plain').password);
        expect(text((await run(pool, 'plain', 'id -u', { asRoot: true })).stdout)).toBe('0\n');
      });

      it('tells a missing password, a user without rights, a missing sudo and a switched-off sudo apart', async () => {
        const { pool, asked } = setUp({
          plain: { sudoMode: 'nopasswd' },
          dash: { sudoMode: 'none' },
        });
        expect((await failure(run(pool, 'plain', 'id', { asRoot: true }))).code).toBe(
          'sudo_password_missing',
        );
        expect((await failure(run(pool, 'nosudoers', 'id', { asRoot: true }))).code).toBe('sudo_not_allowed');
        expect((await failure(run(pool, 'sudoless', 'id', { asRoot: true }))).code).toBe('sudo_missing');
        const before = asked.length;
        expect((await failure(run(pool, 'dash', 'id', { asRoot: true }))).code).toBe('sudo_not_allowed');
        expect(asked.length).toBe(before);
      });
    });

    describe('login failures', () => {
      it('reports a wrong password, with what was tried and offered', async () => {
        const { pool, secrets } = setUp();
        secrets.set('plain.password', 'not it');
        const error = await failure(run(pool, 'plain', 'true'));
        expect(error.code).toBe('ssh_auth_failed');
        expect(error.data).toMatchObject({ tried: ['password'], detail: 'refused' });
        expect(error.data['offered']).toContain('publickey');
        expect(JSON.stringify(error.toWire())).not.toContain('not it');
      });

      it('reports a key that the account does not know', async () => {
        const { pool, secrets } = setUp({ plain: { authMethod: 'ssh_key' } });
        secrets.set('plain.privateKey', testKey('ed25519'));
        expect((await failure(run(pool, 'plain', 'true'))).data).toMatchObject({ tried: ['publickey'] });
      });

      it('logs in with the key', async () => {
        const { pool } = setUp({ plain: { authMethod: 'ssh_key' } });
        expect((await run(pool, 'plain', 'true')).exitCode).toBe(0);
      });

      it('fetches no secret for an unknown host key', async () => {
        const { pool, approved, asked } = setUp();
        approved.set('plain', 'SHA256:somethingelse');
        const error = await failure(run(pool, 'plain', 'true'));
        expect(error.code).toBe('ssh_host_key_changed');
        expect(error.data).toMatchObject({
          keyType: 'ssh-ed25519',
          hostname: bed.host('plain').address,
          port: 22,
        });
        expect(asked).toEqual([]);
      });

      it('scans the key that the host really has', async () => {
        const { pool, asked } = setUp();
        const key = await pool.scanHostKey('plain');
        expect((await bed.host('plain').hostKeyFingerprints())[key.type]).toBe(key.fingerprintSha256);
        expect(asked).toEqual([]);
      });

      it('notices that the host key changed', async () => {
        const { pool } = setUp();
        await run(pool, 'zsh', 'true');
        await bed.host('zsh').regenerateHostKeys();
        await bed.host('zsh').restartSshd();
        pool.drop('zsh');
        expect((await failure(run(pool, 'zsh', 'true'))).code).toBe('ssh_host_key_changed');
      });

      it('tells refused, unresolved and not-SSH apart', async () => {
        const junk = createServer((socket) => {
          socket.on('error', () => undefined);
          socket.resume();
          socket.end('HTTP/1.0 400 Bad Request\r\n\r\n');
        });
        await new Promise<void>((resolve) => junk.listen(0, '127.0.0.1', resolve));
        const { pool } = setUp({
          plain: { port: 23 },
          dash: { hostname: 'no-such-host.invalid' },
          fish: { hostname: '127.0.0.1', port: (junk.address() as AddressInfo).port },
        });
        expect((await failure(run(pool, 'plain', 'true'))).code).toBe('ssh_connection_refused');
        expect((await failure(run(pool, 'dash', 'true'))).code).toBe('ssh_name_unresolved');
        expect((await failure(run(pool, 'fish', 'true'))).code).toBe('ssh_unreachable');
        await new Promise((resolve) => junk.close(resolve));
      });
    });

    describe('jump hosts', () => {
      it('reaches a machine through one and through two others', async () => {
        const one = setUp({ behind: { jumpMachineId: 'plain' } });
        expect(text((await run(one.pool, 'behind', 'hostname')).stdout)).toBe('behind\n');
        const two = setUp({ behind: { jumpMachineId: 'trixie' }, trixie: { jumpMachineId: 'plain' } });
        expect(text((await run(two.pool, 'behind', 'id -u', { asRoot: true })).stdout)).toBe('0\n');
      });

      it('says which hop failed', async () => {
        const { pool, secrets } = setUp({ behind: { jumpMachineId: 'plain' } });
        secrets.set('plain.password', 'wrong');
        const error = await failure(run(pool, 'behind', 'true'));
        expect(error.code).toBe('ssh_auth_failed');
        expect(error.data['via']).toBe('plain');
        const closed = setUp({ behind: { jumpMachineId: 'plain', port: 23 } });
        expect((await failure(run(closed.pool, 'behind', 'true'))).data).toMatchObject({
          via: 'plain',
          detail: 'target_unreachable',
        });
      });

      it('reports a jump host that forbids forwarding', async () => {
        const host = bed.host('sudoless');
        await host.run("sed -i '1i AllowTcpForwarding no' /etc/ssh/sshd_config");
        await host.restartSshd();
        const { pool } = setUp({ behind: { jumpMachineId: 'sudoless' } });
        const error = await failure(run(pool, 'behind', 'true'));
        expect(error.code).toBe('ssh_jump_failed');
        expect(error.data['detail']).toBe('forwarding_refused');
      });
    });

    describe('life of a connection', () => {
      it('shares one login among many callers and queues beyond the limit of the server', async () => {
        const host = bed.host('dash');
        await host.run("sed -i '1i MaxSessions 3' /etc/ssh/sshd_config");
        await host.restartSshd();
        const { pool, asked } = setUp();
        const results = await Promise.all(
          Array.from({ length: 30 }, (_, index) => run(pool, 'dash', `echo ${index}`)),
        );
        expect(results.map(({ stdout }) => Number(text(stdout)))).toEqual([...results.keys()]);
        expect(asked).toEqual(['dash.password']);
      });

      it('survives key exchanges in the middle of a transfer', async () => {
        const host = bed.host('rootlogin');
        await host.run("sed -i '1i RekeyLimit 1M' /etc/ssh/sshd_config");
        await host.restartSshd();
        const { pool } = setUp();
        const bytes = randomBytes(8_000_000);
        const result = await run(pool, 'rootlogin', 'cat', { stdin: bytes });
        expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
      });

      it('reports a killed session as lost, and connects anew on the next use', async () => {
        const { pool } = setUp();
        let started = () => {};
        const running = new Promise<void>((resolve) => (started = resolve));
        const lost = failure(
          run(pool, 'fish', 'echo on; sleep 60', {
            onStdout: () => {
              started();
            },
          }),
        );
        await running;
        await bed.host('fish').run("pkill -9 -f '^sshd: ops'");
        expect((await lost).code).toBe('ssh_connection_lost');
        expect(text((await run(pool, 'fish', 'echo back')).stdout)).toBe('back\n');
      });

      it('notices a black hole by keep-alives', async () => {
        const { pool } = setUp({}, { keepAlive: () => ({ intervalMs: 300, countMax: 2 }) });
        const host = bed.host('trixie');
        let started = () => {};
        const running = new Promise<void>((resolve) => (started = resolve));
        const lost = failure(
          run(pool, 'trixie', 'echo on; sleep 60', {
            onStdout: () => {
              started();
            },
          }),
        );
        await running;
        await host.pauseNetwork();
        try {
          expect((await lost).code).toBe('ssh_connection_lost');
        } finally {
          await host.resumeNetwork();
        }
        expect(text((await run(pool, 'trixie', 'echo back')).stdout)).toBe('back\n');
      });

      it.each([
        ['the user', false],
        ['root', true],
      ])('a cancelled script of %s does not go on', async (_who, asRoot) => {
        const { pool } = setUp();
        const controller = new AbortController();
        const cancelled = failure(
          run(pool, 'plain', 'echo on; sleep 4711', {
            asRoot,
            signal: controller.signal,
            onStdout: () => {
              controller.abort();
            },
          }),
        );
        expect((await cancelled).code).toBe('cancelled');
        await until(
          'the script is gone',
          async () => ((await bed.host('plain').run("pgrep -f '[s]leep 4711'")).code === 1 ? true : null),
          20_000,
        );
      });

      it('ends at the time limit and says in which phase', async () => {
        const { pool } = setUp();
        await run(pool, 'plain', 'true');
        const error = await failure(run(pool, 'plain', 'sleep 60', { timeoutMs: 300 }));
        expect(error.code).toBe('ssh_timeout');
        expect(error.data['phase']).toBe('script');
      });

      it('does not wait for a process that the script left behind', async () => {
        const { pool } = setUp();
        const startedMs = performance.now();
        const result = await run(pool, 'plain', 'sleep 30 & echo done');
        expect(text(result.stdout)).toBe('done\n');
        expect(performance.now() - startedMs).toBeLessThan(5000);
      });

      it('slows the host down instead of filling memory', async () => {
        const { pool } = setUp();
        let bytes = 0;
        let inside = 0;
        const result = await run(pool, 'plain', 'head -c 30000000 /dev/zero', {
          onStdout: async (chunk) => {
            inside += 1;
            expect(inside).toBe(1);
            await new Promise((resolve) => setImmediate(resolve));
            bytes += chunk.length;
            inside -= 1;
          },
        });
        expect(bytes).toBe(30_000_000);
        expect(result.stdout.length).toBe(0);
      });

      it('refuses more output than allowed', async () => {
        const { pool } = setUp();
        expect((await failure(run(pool, 'plain', 'cat /dev/zero', { maxBytes: 100_000 }))).code).toBe(
          'output_too_large',
        );
        expect((await failure(run(pool, 'plain', 'cat /dev/zero >&2', { maxBytes: 100_000 }))).code).toBe(
          'output_too_large',
        );
      });
    });

    it('diagnoses step by step', async () => {
      const { pool, secrets } = setUp({ behind: { jumpMachineId: 'plain' } });
      const good = await pool.diagnose('plain');
      expect(good.map(({ step, status }) => `${step} ${status}`)).toEqual([
        'resolve ok',
        'connect ok',
        'host_key ok',
        'authenticate ok',
        'shell ok',
        'sudo ok',
      ]);
      expect((await pool.diagnose('behind')).every(({ status }) => status === 'ok')).toBe(true);
      const closed = await pool.diagnose('nosudoers');
      expect(closed.at(-1)).toMatchObject({ step: 'sudo', status: 'failed', errorKind: 'sudo_not_allowed' });
      secrets.set('noisy.password', 'wrong');
      const wrong = await pool.diagnose('noisy');
      expect(wrong.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'failed', 'skipped', 'skipped']);
      expect(wrong[3]?.errorKind).toBe('ssh_auth_failed');
    });
  },
);
