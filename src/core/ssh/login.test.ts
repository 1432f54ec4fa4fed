import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext, KeyboardAuthContext } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { createPoolFixture, failure, run, text } from './testing/pool-fixture.ts';
import { fingerprintOf, publicLine, targetAt, testKey } from './testing/server.ts';

const fixture = createPoolFixture();
afterEach(() => fixture.end());

describe('host key', () => {
  it.each(['unknown', 'changed', 'rejected'] as const)(
    '%s: no login attempt reaches the server',
    async (verdict) => {
      const server = await fixture.server();
      const { pool, directory } = fixture.pool(targetAt(server.port));
      directory.verdict = verdict;
      const error = await failure(run(pool, 'true'));
      expect(error.code).toBe(`ssh_host_key_${verdict}`);
      expect(error.data).toMatchObject({
        fingerprint: fingerprintOf('ed25519'),
        keyType: 'ssh-ed25519',
        hostname: '127.0.0.1',
        port: server.port,
      });
      await pool.close();
      expect(server.authentications).toEqual([]);
      expect(directory.asked).toEqual([]);
    },
  );

  it('is checked before any login attempt even when the answer takes its time', async () => {
    const server = await fixture.server();
    const { pool, directory } = fixture.pool(targetAt(server.port));
    let attemptsAtCheck = -1;
    directory.checkHostKey = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      attemptsAtCheck = server.authentications.length;
      return 'approved' as const;
    };
    await run(pool, 'true');
    expect(attemptsAtCheck).toBe(0);
    expect(server.authentications).toEqual(['none', 'password:correct horse']);
  });

  it('may be answered after the attempt has ended', async () => {
    const server = await fixture.server();
    const { pool, directory } = fixture.pool(targetAt(server.port), { connectTimeoutMs: 50 });
    const answer = Promise.withResolvers<'approved'>();
    directory.checkHostKey = () => answer.promise;
    expect((await failure(run(pool, 'true'))).code).toBe('ssh_timeout');
    answer.resolve('approved');
    await pool.close();
    expect(server.authentications).toEqual([]);
  });

  it('reports an error of the check itself and does not log in', async () => {
    const server = await fixture.server();
    const { pool, directory } = fixture.pool(targetAt(server.port));
    directory.checkHostKey = () => Promise.reject(new Error('database gone'));
    expect((await failure(run(pool, 'true'))).code).toBe('internal');
    expect(server.authentications).toEqual([]);
  });

  it.each([
    ['ssh-rsa', 'rsa'],
    ['ecdsa-sha2-nistp256', 'ecdsa'],
    ['ssh-ed25519', 'ed25519'],
  ] as const)('a server with several keys is asked for the approved type %s first', async (type, name) => {
    const server = await fixture.server({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
    const { pool, directory } = fixture.pool(targetAt(server.port));
    directory.approvedTypes = [type];
    await run(pool, 'true');
    expect(directory.shown).toEqual([fingerprintOf(name)]);
  });

  it('is scanned without any login attempt', async () => {
    const server = await fixture.server();
    const { pool, directory } = fixture.pool(targetAt(server.port));
    expect(await pool.scanHostKey('m1')).toEqual({
      type: 'ssh-ed25519',
      fingerprintSha256: fingerprintOf('ed25519'),
      publicKey: publicLine('ed25519').split(' ')[1],
    });
    expect(server.authentications).toEqual([]);
    expect(directory.shown).toEqual([]);
  });
});

describe('algorithms', () => {
  it.each([
    ['kex', { kex: ['diffie-hellman-group14-sha1'] }],
    ['cipher', { cipher: ['aes128-cbc'] }],
    ['mac', { hmac: ['hmac-sha1'], cipher: ['aes128-ctr'] }],
  ] as const)(
    'only a legacy %s: refused, unless it is allowed for the machine',
    async (_name, algorithms) => {
      const server = await fixture.server({ config: { algorithms: structuredClone(algorithms) as object } });
      const strict = fixture.pool(targetAt(server.port));
      expect((await failure(run(strict.pool, 'true'))).code).toBe('ssh_algorithm_mismatch');
      const lenient = fixture.pool(targetAt(server.port, { allowLegacyAlgorithms: true }));
      expect((await run(lenient.pool, 'true')).exitCode).toBe(0);
    },
  );

  it('prefers AES-GCM and curve25519', async () => {
    let negotiated: { kex: string; cs: { cipher: string } } | undefined;
    const server = await fixture.server({
      config: {
        debug: (line: string) => {
          const kex = /KEX algorithm: (.*)/.exec(line)?.[1];
          const cipher = /C->S Cipher: (.*)/.exec(line)?.[1];
          if (kex !== undefined) negotiated = { kex, cs: { cipher: '' } };
          if (cipher !== undefined && negotiated) negotiated.cs.cipher = cipher;
        },
      },
    });
    await run(fixture.pool(targetAt(server.port)).pool, 'true');
    expect(negotiated).toEqual({ kex: 'curve25519-sha256', cs: { cipher: 'aes128-gcm@openssh.com' } });
  });
});

describe('login', () => {
  const keyboard = (
    prompts: { prompt: string; echo: boolean }[][],
    accept: (answers: string[]) => boolean,
  ) => {
    const rounds: string[][] = [];
    const onAuthentication = (context: AuthContext) => {
      if (context.method !== 'keyboard-interactive') {
        context.reject(['keyboard-interactive']);
        return;
      }
      const ask = (interactive: KeyboardAuthContext, round: number) => {
        const questions = prompts[round];
        if (questions === undefined) {
          if (accept(rounds.flat())) interactive.accept();
          else interactive.reject(['keyboard-interactive']);
          return;
        }
        interactive.prompt(questions, (answers) => {
          rounds.push(answers);
          ask(interactive, round + 1);
        });
      };
      ask(context, 0);
    };
    return { rounds, onAuthentication };
  };

  it('answers a server that only asks by keyboard-interactive', async () => {
    const { rounds, onAuthentication } = keyboard(
      [[{ prompt: 'Mot de passe : ', echo: false }]],
      ([answer]) => answer === 'correct horse',
    );
    const server = await fixture.server({ onAuthentication });
    expect((await run(fixture.pool(targetAt(server.port)).pool, 'true')).exitCode).toBe(0);
    expect(rounds).toEqual([['correct horse']]);
  });

  it.each([
    [
      'two prompts',
      [
        [
          { prompt: 'Password: ', echo: false },
          { prompt: 'Code: ', echo: false },
        ],
      ],
      0,
    ],
    ['a visible prompt', [[{ prompt: 'Your name: ', echo: true }]], 0],
    ['a prompt for a code', [[{ prompt: 'Verification code: ', echo: false }]], 0],
    [
      'a second prompt after the password',
      [[{ prompt: 'Password: ', echo: false }], [{ prompt: 'PIN: ', echo: false }]],
      1,
    ],
  ] as const)('%s: says that more than a password is asked', async (_name, prompts, answered) => {
    const { rounds, onAuthentication } = keyboard(structuredClone(prompts) as never, () => true);
    const server = await fixture.server({ onAuthentication });
    const error = await failure(run(fixture.pool(targetAt(server.port)).pool, 'true'));
    expect(error.code).toBe('ssh_auth_failed');
    expect(error.data['detail']).toBe('second_factor');
    expect(rounds.length).toBe(answered);
  });

  it('offers a refused password once', async () => {
    const server = await fixture.server({
      onAuthentication: (context) => {
        context.reject(['password', 'keyboard-interactive']);
      },
    });
    const error = await failure(run(fixture.pool(targetAt(server.port)).pool, 'true'));
    expect(error.data).toMatchObject({ tried: ['password'], offered: ['password', 'keyboard-interactive'] });
    expect(server.authentications).toEqual(['none', 'password:correct horse']);
  });

  it('asks for no secret when the server does not offer the method', async () => {
    const server = await fixture.server({
      onAuthentication: (context) => {
        context.reject(['publickey']);
      },
    });
    const { pool, directory } = fixture.pool(targetAt(server.port));
    const error = await failure(run(pool, 'true'));
    expect(error.data).toMatchObject({ tried: [], offered: ['publickey'], detail: 'method_not_offered' });
    expect(directory.asked).toEqual([]);
  });

  const acceptKey = (context: AuthContext) => {
    if (context.method === 'publickey') context.accept();
    else context.reject(['publickey']);
  };

  it('logs in with a key', async () => {
    const server = await fixture.server({ onAuthentication: acceptKey });
    const { pool, directory } = fixture.pool(targetAt(server.port, { authMethod: 'ssh_key' }));
    directory.secrets.set('m1.privateKey', testKey('rsa'));
    expect((await run(pool, 'true')).exitCode).toBe(0);
    expect(directory.asked).toEqual(['m1.privateKey', 'm1.keyPassphrase']);
  });

  it('reports an unreadable and a missing key', async () => {
    const server = await fixture.server({ onAuthentication: acceptKey });
    const { pool, directory } = fixture.pool(targetAt(server.port, { authMethod: 'ssh_key' }));
    expect((await failure(run(pool, 'true'))).code).toBe('ssh_key_unreadable');
    directory.secrets.set('m1.privateKey', 'not a key');
    expect((await failure(run(pool, 'true'))).code).toBe('ssh_key_unreadable');
    expect(server.authentications).toEqual(['none', 'none']);
  });

  it('completes a partial success with the password', async () => {
    let first = true;
    const server = await fixture.server({
      onAuthentication: (context) => {
        if (context.method === 'publickey' && context.signature !== undefined && first) {
          first = false;
          context.reject(['password'], true);
        } else if (context.method === 'publickey' && first) context.accept();
        else if (context.method === 'password') context.accept();
        else context.reject(['publickey']);
      },
    });
    const { pool, directory } = fixture.pool(targetAt(server.port, { authMethod: 'ssh_key' }));
    directory.secrets.set('m1.privateKey', testKey('ed25519'));
    expect((await run(pool, 'true')).exitCode).toBe(0);
  });

  it('reports a locked vault as it is', async () => {
    const server = await fixture.server();
    const { pool, directory } = fixture.pool(targetAt(server.port));
    directory.secret = () => Promise.reject(new AppError('vault_locked', 'The vault is locked'));
    expect((await failure(run(pool, 'true'))).code).toBe('vault_locked');
  });

  it('uses an agent, and tells a missing one from an empty one', async () => {
    const server = await fixture.server({ onAuthentication: acceptKey });
    const folder = await mkdtemp(join(tmpdir(), 'agent-'));
    fixture.onEnd(() => rm(folder, { recursive: true }));
    const socket = join(folder, 'socket');
    const target = targetAt(server.port, { authMethod: 'agent' });
    const none = fixture.pool(target, { agentSocket: () => null });
    expect((await failure(run(none.pool, 'true'))).code).toBe('ssh_agent_unavailable');
    const { pool } = fixture.pool(target, { agentSocket: () => socket });
    expect((await failure(run(pool, 'true'))).code).toBe('ssh_agent_unavailable');

    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    fixture.onEnd(async () => {
      agent.kill();
      await once(agent, 'exit');
    });
    await once(agent.stdout, 'data'); // it prints the socket's name once it listens
    const empty = await failure(run(pool, 'true'));
    expect(empty.code).toBe('ssh_auth_failed');
    expect(empty.data['detail']).toBe('agent_empty');

    await writeFile(join(folder, 'key'), testKey('ed25519'), { mode: 0o600 });
    const add = spawn('ssh-add', ['-q', join(folder, 'key')], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
    });
    expect((await once(add, 'exit'))[0]).toBe(0);
    expect(text((await run(pool, 'echo in')).stdout)).toBe('in\n');
  });

  it('keeps every secret out of errors', async () => {
    const server = await fixture.server({ password: 'another' });
    const { pool } = fixture.pool(targetAt(server.port));
    const error = await failure(run(pool, 'true'));
    expect(`${JSON.stringify(error.toWire())} ${error.stack ?? ''}`).not.toContain('correct horse');
  });
});

describe('ports that are no healthy SSH server', () => {
  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onSocket(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    fixture.onEnd(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    });
    return (server.address() as AddressInfo).port;
  }

  it.each([
    ['answers as a web server', (socket: Socket) => socket.end('HTTP/1.0 400 Bad Request\r\n\r\n')],
    ['prints junk without end', (socket: Socket) => socket.write(Buffer.alloc(100_000, 'x'))],
    ['hangs up at once', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['breaks off after its name', (socket: Socket) => socket.end('SSH-2.0-Broken\r\n')],
    ['sends junk after its name', (socket: Socket) => socket.write(`SSH-2.0-Broken\r\n${'\0'.repeat(5000)}`)],
    ['speaks protocol 1', (socket: Socket) => socket.write('SSH-1.5-Old\r\n')],
  ])('%s', async (_name, behave) => {
    const { pool } = fixture.pool(targetAt(await listen((socket) => void behave(socket))));
    const error = await failure(run(pool, 'true'));
    expect(error.code).toBe('ssh_unreachable');
    expect(error.data['detail']).toEqual(expect.stringMatching(/./));
  });

  it.each([
    ['says nothing', () => undefined],
    ['stops after its name', (socket: Socket) => void socket.write('SSH-2.0-Slow\r\n')],
  ])('%s: time-out', async (_name, behave) => {
    const { pool } = fixture.pool(targetAt(await listen(behave)), { connectTimeoutMs: 200 });
    const error = await failure(run(pool, 'true'));
    expect(error.code).toBe('ssh_timeout');
    expect(error.data['phase']).toBe('handshake');
  });

  it('refused and unresolvable', async () => {
    const server = await fixture.server();
    await server.close().then(() => undefined);
    expect((await failure(run(fixture.pool(targetAt(server.port)).pool, 'true'))).code).toBe(
      'ssh_connection_refused',
    );
    const { pool } = fixture.pool(targetAt(22, { hostname: 'no-such-host.invalid' }));
    expect((await failure(run(pool, 'true'))).code).toBe('ssh_name_unresolved');
  });
});
