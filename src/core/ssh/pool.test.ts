import { randomBytes } from 'node:crypto';
import type { ServerChannel } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { createPoolFixture, failure, run, text } from './testing/pool-fixture.ts';
import { runLocally, targetAt, type TestServer } from './testing/server.ts';

const fixture = createPoolFixture();
afterEach(() => fixture.end());

/** Resolves when the predicate holds; checked at every turn of the event loop. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const limitMs = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > limitMs) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function ready(server?: TestServer) {
  const there = server ?? (await fixture.server());
  return { server: there, ...fixture.pool(targetAt(there.port)) };
}

describe('exec', () => {
  it('gives back output, errors and the exit status', async () => {
    const { pool } = await ready();
    const result = await run(pool, 'echo out; echo err >&2; exit 7');
    expect({ ...result, stdout: text(result.stdout), stderr: text(result.stderr) }).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 7,
    });
  });

  it.each([
    ['nothing', '', 0, ''],
    ['only a comment', '# nothing', 0, ''],
    ['no line end in the output', 'printf x', 0, 'x'],
    ['a here-document at the end', 'cat <<EOF\na $((1+1))\nEOF', 0, 'a 2\n'],
    ['a signal', "kill -9 $(sh -c 'echo $PPID')", 137, ''],
    ['a return', 'return 4', 4, ''],
    ['set -e', 'set -e; false; echo not reached', 1, ''],
    ['closed descriptors', 'exec >&- 2>&-; exit 5', 5, ''],
    ['an exec', 'exec sh -c "echo x; exit 6"', 6, 'x\n'],
    ['commands that read', 'cat; read -r x; echo "[$x]"', 0, '[]\n'],
  ])('a script with %s', async (_name, script, exitCode, stdout) => {
    const { pool } = await ready();
    const result = await run(pool, script);
    expect([result.exitCode, text(result.stdout)]).toEqual([exitCode, stdout]);
  });

  it('runs a large script', async () => {
    const { pool } = await ready();
    const lines = Array.from(
      { length: 5000 },
      (_, index) => `: line number ${index} of a script that is long`,
    );
    expect(text((await run(pool, [...lines, 'echo end'].join('\n'))).stdout)).toBe('end\n');
  });

  it('reports a script that is no sh', async () => {
    const { pool } = await ready();
    const error = await failure(run(pool, 'if then fi ('));
    expect(error.code).toBe('internal');
  });

  it('feeds bytes to file descriptor 0 and returns them unchanged', async () => {
    const { pool } = await ready();
    const bytes = randomBytes(3_000_000);
    const result = await run(pool, 'echo "$STDIN_BYTES" >&2; cat', { stdin: bytes });
    expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
    expect(text(result.stderr)).toBe('3000000\n');
    expect((await run(pool, 'cat', { stdin: new Uint8Array() })).stdout.length).toBe(0);
  });

  it('is not fooled by a script that prints what looks like marks', async () => {
    const { pool } = await ready();
    const script =
      'tr "\\0" " " </proc/$PPID/cmdline; echo; for m in READY GO END; do echo "${m}0123456789abcdef 0"; done; exit 9';
    const result = await run(pool, script);
    expect(result.exitCode).toBe(9);
    expect(text(result.stdout)).toContain('END0123456789abcdef 0\n');
  });

  it('sends one short command, no environment, and the script on standard input only', async () => {
    const { pool, server } = await ready();
    await run(pool, 'echo secret-in-script');
    expect(server.commands).toHaveLength(1);
    expect(server.commands[0]).toMatch(/^sh -c 'echo READY[0-9a-f]{24}; exec sh'$/);
  });

  it('drops what the login prints before our shell, megabytes of it, cut anywhere', async () => {
    const server = await fixture.server({
      onCommand: (command, channel) => {
        channel.stderr.write(Buffer.alloc(500_000, 'GO'));
        channel.write(Buffer.alloc(3_000_000, 'READYREADY'));
        for (const byte of 'Welcome\nREA') channel.write(byte);
        runLocally(command, channel);
      },
    });
    const { pool } = await ready(server);
    const result = await run(pool, 'echo out; echo err >&2');
    expect([text(result.stdout), text(result.stderr)]).toEqual(['out\n', 'err\n']);
  });

  it('passes standard output on as it comes, one piece at a time', async () => {
    const { pool } = await ready();
    const pieces: Uint8Array[] = [];
    let open = 0;
    const result = await run(pool, 'head -c 5000000 /dev/zero; echo end', {
      onStdout: async (chunk) => {
        open += 1;
        expect(open).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        pieces.push(chunk);
        open -= 1;
      },
    });
    const all = Buffer.concat(pieces);
    expect(all.length).toBe(5_000_004);
    expect(all.subarray(-4).toString()).toBe('end\n');
    expect(result.stdout.length).toBe(0);
  });

  it('fails with the error of the consumer', async () => {
    const { pool } = await ready();
    const error = await failure(
      run(pool, 'echo x; sleep 30', { onStdout: () => Promise.reject(new Error('disk full')) }),
    );
    expect(error.code).toBe('internal');
    expect((error.cause as Error).message).toBe('disk full');
  });

  it('among files has a connection beside the one of scripts, and is not run again when that is lost', async () => {
    const { pool, server } = await ready();
    await run(pool, 'true');
    expect(text((await run(pool, 'echo x', { amongFiles: true })).stdout)).toBe('x\n');
    expect(server.connectionCount).toBe(2);
    const pieces: string[] = [];
    const error = await failure(
      run(pool, 'echo begun; sleep 30', {
        amongFiles: true,
        onStdout: (chunk) => {
          pieces.push(text(chunk));
          server.cut();
        },
      }),
    );
    expect([error.code, pieces]).toEqual(['ssh_connection_lost', ['begun\n']]);
  });

  it.each(['1', '2'])('bounds the output on descriptor %s', async (descriptor) => {
    const { pool } = await ready();
    const error = await failure(run(pool, `head -c 1000000 /dev/zero >&${descriptor}`, { maxBytes: 1000 }));
    expect(error.code).toBe('output_too_large');
    expect((await run(pool, 'echo still here')).exitCode).toBe(0);
  });
});

describe('what a login shell can do instead of running our command', () => {
  const saying = (act: (channel: ServerChannel, command: string) => void) =>
    fixture.server({
      onCommand: (command, channel) => {
        act(channel, command);
      },
    });

  it('refuse, as nologin does', async () => {
    const { pool } = await ready(
      await saying((channel) => {
        channel.write('\x1b[31mThis account is currently not available.\x1b[0m\n');
        channel.exit(1);
        channel.end();
      }),
    );
    const error = await failure(run(pool, 'true'));
    expect(error.code).toBe('ssh_channel_refused');
    expect(error.data['detail']).toBe('This account is currently not available.');
    expect(error.message).toContain('login shell');
  });

  it('echo the command and stay', async () => {
    const server = await saying((channel, command) => {
      channel.write(`menu> ${command}\r\nunknown command: ${command}\nmenu> `);
    });
    const { pool } = fixture.pool(targetAt(server.port), { shellTimeoutMs: 200 });
    const error = await failure(run(pool, 'true'));
    expect(error.code).toBe('ssh_timeout');
    expect(error.data['detail']).toContain('menu>');
  });

  it('end in the middle of the script', async () => {
    const { pool } = await ready(
      await saying((channel, command) => {
        runLocally(command, channel);
        channel.once('data', () => {
          setImmediate(() => channel.close());
        });
      }),
    );
    expect((await failure(run(pool, 'sleep 20'))).code).toMatch(/^(ssh_connection_lost|internal)$/);
  });

  it('exit with 0 but without the trailer: never a success', async () => {
    const { pool } = await ready();
    const error = await failure(run(pool, 'kill -9 $PPID $$; sleep 5'));
    expect(error.code).toBe('ssh_connection_lost');
    const { pool: other } = await ready(
      await saying((channel) => {
        channel.exit(0);
        channel.end();
      }),
    );
    expect((await failure(run(other, 'true'))).code).toBe('ssh_channel_refused');
  });
});

describe('limits', () => {
  it.each([
    ['time limit', 'ssh_timeout'],
    ['cancel', 'cancelled'],
  ])('%s: the script is hung up', async (how, code) => {
    const { pool } = await ready();
    const controller = new AbortController();
    let pid = 0;
    const ended = await failure(
      run(pool, 'echo $$; sleep 60 & wait', {
        timeoutMs: how === 'time limit' ? 400 : 10_000,
        signal: controller.signal,
        onStdout: (chunk) => {
          pid = Number(text(chunk));
          if (how === 'cancel') controller.abort();
        },
      }),
    );
    expect(ended.code).toBe(code);
    expect(pid).toBeGreaterThan(1);
    await until('the shell is gone', () => !isAlive(pid));
  });

  it('a signal that is aborted already starts nothing', async () => {
    const { pool, server } = await ready();
    expect((await failure(run(pool, 'true', { signal: AbortSignal.abort() }))).code).toBe('cancelled');
    await pool.close();
    expect(server.commands).toEqual([]);
  });

  it('a connection attempt that nobody waits for any more is given up', async () => {
    const server = await fixture.server();
    const { pool, directory } = fixture.pool(targetAt(server.port));
    directory.checkHostKey = () => new Promise(() => undefined);
    const controller = new AbortController();
    const one = failure(run(pool, 'true', { signal: controller.signal }));
    await until('connected', () => server.openSockets === 1);
    controller.abort();
    expect((await one).code).toBe('cancelled');
    await until('disconnected', () => server.openSockets === 0);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('sharing', () => {
  it('many callers, one login', async () => {
    const { pool, server, directory } = await ready();
    const results = await Promise.all(Array.from({ length: 25 }, (_, index) => run(pool, `echo ${index}`)));
    expect(results.map(({ stdout }) => Number(text(stdout)))).toEqual([...results.keys()]);
    expect(server.connectionCount).toBe(1);
    expect(directory.asked).toEqual(['m1.password']);
  });

  it('never more sessions at a time than allowed', async () => {
    let open = 0;
    let most = 0;
    const server = await fixture.server({
      onCommand: (command, channel) => {
        open += 1;
        most = Math.max(most, open);
        channel.once('close', () => (open -= 1));
        runLocally(command, channel);
      },
    });
    const { pool } = fixture.pool(targetAt(server.port), { maxChannelsPerConnection: 3 });
    await Promise.all(Array.from({ length: 12 }, () => run(pool, 'true')));
    expect(most).toBe(3);
  });

  it('learns the limit of a server that refuses', async () => {
    const server = await fixture.server({ maxSessions: 2 });
    const { pool } = fixture.pool(targetAt(server.port));
    const results = await Promise.all(Array.from({ length: 10 }, (_, index) => run(pool, `echo ${index}`)));
    expect(results.map(({ stdout }) => Number(text(stdout)))).toEqual([...results.keys()]);
    expect(server.connectionCount).toBe(1);
  });

  it('gives up on a server that refuses every session', async () => {
    const { pool } = await ready(await fixture.server({ maxSessions: 0 }));
    expect((await failure(run(pool, 'true'))).code).toBe('ssh_channel_refused');
  });

  it('one failed connect fails all who wait for it, and the next call tries anew', async () => {
    const { pool, directory, server } = await ready();
    directory.verdict = 'unknown';
    const errors = await Promise.all([failure(run(pool, 'true')), failure(run(pool, 'true'))]);
    expect(errors.map(({ code }) => code)).toEqual(['ssh_host_key_unknown', 'ssh_host_key_unknown']);
    expect(server.connectionCount).toBe(1);
    directory.verdict = 'approved';
    expect((await run(pool, 'true')).exitCode).toBe(0);
  });

  it('connects anew when the machine has moved', async () => {
    const { pool, directory, server } = await ready();
    await run(pool, 'true');
    const moved = await fixture.server();
    directory.targets.set('m1', targetAt(moved.port));
    await run(pool, 'true');
    expect(moved.commands).toHaveLength(1);
    await until('the old connection is closed', () => server.openSockets === 0);
  });
});

describe('the end of a connection', () => {
  it('comes when nothing used it for a while', async () => {
    const server = await fixture.server();
    const { pool } = fixture.pool(targetAt(server.port), { idleTimeoutMs: 50 });
    await run(pool, 'true');
    await until('closed', () => server.openSockets === 0);
    await run(pool, 'true');
    expect(server.connectionCount).toBe(2);
  });

  it('does not come while a script runs longer than that', async () => {
    const server = await fixture.server();
    const { pool } = fixture.pool(targetAt(server.port), { idleTimeoutMs: 20 });
    expect(text((await run(pool, 'sleep 0.3; echo through')).stdout)).toBe('through\n');
    expect(server.connectionCount).toBe(1);
  });

  it('is ssh_connection_lost for those who use it, and the next call connects anew', async () => {
    const { pool, server } = await ready();
    const lost = failure(
      run(pool, 'echo on; sleep 30', {
        onStdout: () => {
          server.cut();
        },
      }),
    );
    expect((await lost).code).toBe('ssh_connection_lost');
    expect((await run(pool, 'true')).exitCode).toBe(0);
  });

  it('is noticed by keep-alives when the other side falls silent', async () => {
    const server = await fixture.server();
    const { pool } = fixture.pool(targetAt(server.port), {
      keepAlive: () => ({ intervalMs: 50, countMax: 2 }),
    });
    const lost = failure(
      run(pool, 'echo on; sleep 30', {
        onStdout: () => {
          server.freeze();
        },
      }),
    );
    const error = await lost;
    expect(error.code).toBe('ssh_connection_lost');
    expect(error.data['detail']).toBe('keepalive');
  });

  it('is noticed or not as was said when the connection was opened', async () => {
    const servers = [await fixture.server(), await fixture.server()] as const;
    let keepAlive = { intervalMs: 0, countMax: 1 };
    const { pool } = fixture.pool(
      [targetAt(servers[0].port), targetAt(servers[1].port, { machineId: 'm2' })],
      { keepAlive: () => keepAlive },
    );
    const settled: string[] = [];
    const hang = (machineId: string, server: TestServer) =>
      pool
        .exec(machineId, {
          script: 'echo on; sleep 30',
          timeoutMs: 10_000,
          reason: 'test',
          onStdout: () => server.freeze(),
        })
        .catch(() => settled.push(machineId));
    const first = hang('m1', servers[0]);
    await until('the first is connected', () => servers[0].commands.length === 1);
    keepAlive = { intervalMs: 50, countMax: 1 };
    await hang('m2', servers[1]);
    expect(settled).toEqual(['m2']);
    await pool.close();
    await first;
  });

  it('comes with drop, and drop forgets nothing else', async () => {
    const { pool, server } = await ready();
    const lost = failure(
      run(pool, 'echo on; sleep 30', {
        onStdout: () => {
          pool.drop('m1');
        },
      }),
    );
    expect((await lost).code).toBe('ssh_connection_lost');
    expect((await run(pool, 'true')).exitCode).toBe(0);
    pool.drop('m1');
    await until('closed', () => server.openSockets === 0);
    pool.drop('unheard of');
  });

  it('comes with close, for running scripts, attempts under way and later calls alike', async () => {
    const server = await fixture.server();
    const { pool, directory } = fixture.pool([
      targetAt(server.port),
      targetAt(server.port, { machineId: 'm2', name: 'two' }),
    ]);
    const check = directory.checkHostKey.bind(directory);
    directory.checkHostKey = (target, key) =>
      target.machineId === 'm2' ? new Promise(() => undefined) : check(target, key);
    let started = () => {};
    const running = new Promise<void>((resolve) => (started = resolve));
    const script = failure(
      run(pool, 'echo on; sleep 30', {
        onStdout: () => {
          started();
        },
      }),
    );
    const attempt = failure(pool.exec('m2', { script: 'true', timeoutMs: 10_000, reason: 'test' }));
    await running;
    await pool.close();
    expect((await script).code).toBe('ssh_connection_lost');
    expect((await attempt).code).toBe('ssh_connection_lost');
    expect((await failure(run(pool, 'true'))).code).toBe('cancelled');
    await until('closed', () => server.openSockets === 0);
  });

  it('leaves no handle behind', async () => {
    const { pool, server } = await ready();
    await run(pool, 'true');
    await failure(run(pool, 'sleep 30', { timeoutMs: 100 }));
    const count = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'Timeout')
        .length;
    const before = count();
    await pool.close();
    await until('the server saw the end', () => server.openSockets === 0);
    // Gone: our socket, its keep-alive and idle timers, and the server's end of the connection.
    expect(process.getActiveResourcesInfo()).not.toContain('TCPSocketWrap');
    expect(count()).toBeLessThan(before);
  });
});

describe('jump hosts', () => {
  const chain = (port: number, ids: readonly string[]) =>
    ids.map((machineId, index) =>
      targetAt(port, { machineId, name: machineId, jumpMachineId: ids[index + 1] ?? null }),
    );

  it('are passed at any depth, each with its own login and host key check', async () => {
    const server = await fixture.server({ allowForward: true });
    const { pool, directory } = fixture.pool(chain(server.port, ['m1', 'a', 'b', 'c']));
    expect(text((await run(pool, 'echo through')).stdout)).toBe('through\n');
    expect(directory.shown).toHaveLength(4);
    expect(directory.asked).toEqual(['c.password', 'b.password', 'a.password', 'm1.password']);
    await pool.close();
    await until('all closed', () => server.openSockets === 0);
  });

  it('stay connected while a machine behind them is used, and close after it', async () => {
    const server = await fixture.server({ allowForward: true });
    const { pool } = fixture.pool(chain(server.port, ['m1', 'a']), { idleTimeoutMs: 30 });
    expect(text((await run(pool, 'sleep 0.3; echo through')).stdout)).toBe('through\n');
    await until('both closed', () => server.openSockets === 0);
  });

  it('in a circle are refused before anything is sent', async () => {
    const server = await fixture.server({ allowForward: true });
    const targets = [...chain(server.port, ['m1', 'a', 'b'])];
    const { pool, directory } = fixture.pool(targets);
    directory.targets.set('b', targetAt(server.port, { machineId: 'b', name: 'b', jumpMachineId: 'm1' }));
    const error = await failure(run(pool, 'true'));
    expect(error.code).toBe('ssh_jump_failed');
    expect(error.data['detail']).toBe('cycle');
    expect(server.connectionCount).toBe(0);
  });

  it('that refuse forwarding, or cannot reach the target, are named', async () => {
    const closed = await fixture.server();
    await closed.close();
    const open = await fixture.server({ allowForward: true });
    const shut = await fixture.server();
    const refusing = fixture.pool([
      targetAt(open.port, { jumpMachineId: 'gate' }),
      targetAt(shut.port, { machineId: 'gate', name: 'gate' }),
    ]);
    expect((await failure(run(refusing.pool, 'true'))).data).toMatchObject({
      via: 'gate',
      viaMachineId: 'gate',
    });
    const unreachable = fixture.pool([
      targetAt(closed.port, { jumpMachineId: 'gate' }),
      targetAt(open.port, { machineId: 'gate', name: 'gate' }),
    ]);
    const error = await failure(run(unreachable.pool, 'true'));
    expect(error.code).toBe('ssh_jump_failed');
    expect(error.data['via']).toBe('gate');
  });

  it('fail with their own kind, and the name of the hop', async () => {
    const server = await fixture.server({ allowForward: true });
    const { pool, directory } = fixture.pool(chain(server.port, ['m1', 'a', 'b']));
    directory.secrets.set('b.password', 'wrong');
    const error = await failure(run(pool, 'true'));
    expect(error.code).toBe('ssh_auth_failed');
    expect(error.data['via']).toBe('b');
    await until('all closed', () => server.openSockets === 0);
  });

  it('that break take the machines behind them along', async () => {
    const server = await fixture.server();
    const gate = await fixture.server({ allowForward: true });
    const { pool } = fixture.pool([
      targetAt(server.port, { jumpMachineId: 'gate' }),
      targetAt(gate.port, { machineId: 'gate', name: 'gate' }),
    ]);
    const lost = failure(
      run(pool, 'echo on; sleep 30', {
        onStdout: () => {
          gate.cut();
        },
      }),
    );
    expect((await lost).code).toBe('ssh_connection_lost');
    expect((await run(pool, 'true')).exitCode).toBe(0);
  });
});

describe('root', () => {
  it('without sudo for the machine is refused before anything is sent', async () => {
    const { pool, server } = await ready();
    const error = await failure(run(pool, 'true', { asRoot: true }));
    expect(error.code).toBe('sudo_not_allowed');
    expect(server.connectionCount).toBe(0);
  });

  it('as the login user needs no sudo', async () => {
    const server = await fixture.server();
    const { pool } = fixture.pool(targetAt(server.port, { username: 'root' }));
    expect((await run(pool, 'true', { asRoot: true })).exitCode).toBe(0);
    expect(server.commands).toHaveLength(1);
  });
});

describe('diagnose', () => {
  it('stops at the first step that fails', async () => {
    const { pool, directory, server } = await ready();
    const names = async () =>
      (await pool.diagnose('m1')).map(
        ({ step, status, errorKind }) => `${step} ${status}${errorKind ? ` ${errorKind}` : ''}`,
      );
    expect(await names()).toEqual([
      'resolve ok',
      'connect ok',
      'host_key ok',
      'authenticate ok',
      'shell ok',
      'sudo skipped',
    ]);
    directory.verdict = 'changed';
    expect(await names()).toEqual([
      'resolve ok',
      'connect ok',
      'host_key failed ssh_host_key_changed',
      'authenticate skipped',
      'shell skipped',
      'sudo skipped',
    ]);
    await server.close();
    expect((await names())[1]).toBe('connect failed ssh_connection_refused');
  });

  it('tells each step as it is done, with the key that was seen', async () => {
    const { pool } = await ready();
    const told: string[] = [];
    await pool.diagnose('m1', {
      report: {
        begin: (step) => told.push(`begin ${step}`),
        step: ({ step, status }) => told.push(`${step} ${status}`),
        hostKey: (key, status) => told.push(`${key.fingerprintSha256.slice(0, 7)} ${status}`),
      },
    });
    expect(told.slice(0, 8)).toEqual([
      'begin resolve',
      'resolve ok',
      'begin connect',
      'connect ok',
      'begin host_key',
      'SHA256: approved',
      'host_key ok',
      'begin authenticate',
    ]);
  });

  it('tries what is stored nowhere by what the caller answers for it alone', async () => {
    const { pool, directory } = await ready();
    const target = { ...directory.target('m1'), machineId: 'draft' };
    const asked: string[] = [];
    const steps = await pool.diagnoseDraft(target, {
      secret: (id, field) => {
        asked.push(id);
        return directory.secret('m1', field, 'test');
      },
      checkHostKey: () => 'approved',
      approvedKeyTypes: () => [],
    });
    expect(steps.find(({ status }) => status === 'failed')).toBeUndefined();
    expect(new Set(asked)).toEqual(new Set(['draft']));
  });

  it('rejects only when it is cancelled', async () => {
    const { pool } = await ready();
    expect((await failure(pool.diagnose('m1', { signal: AbortSignal.abort() }))).code).toBe('cancelled');
  });
});
