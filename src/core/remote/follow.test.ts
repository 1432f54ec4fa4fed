import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import type { ErrorKind } from '../../shared/domain/errors.ts';
import { createRemoteRuns, defaultTiming } from './runs.ts';
import type { Clock, Exec, FollowSink } from './types.ts';

const quiet = { info: () => undefined, error: () => undefined };
const sum = 'a'.repeat(64);
const id = randomUUID();

/** What one connection does: `say` sends bytes as the host would, with the nonce filled in for `@`. */
type Connection = (host: {
  say: (text: string) => Promise<void>;
  signal: AbortSignal;
  /** The offsets that the follower asked to continue from. */
  from: { output: number; progress: number };
}) => Promise<void>;

const chunk = (name: string, offset: number, text: string) =>
  `@ ${name} ${String(offset)} ${String(text.length)}\n${text}\n@ ok\n`;
const ended = (bytes: number) => `@ end exited 0 ${String(bytes)} ${sum}\n`;
const silent: Connection = ({ signal }) =>
  new Promise((_resolve, reject) => {
    const abort = () => reject(new AppError('cancelled', 'Cancelled'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });

/** A clock on which waiting takes no time but is counted; waits while a connection is silent go on to the next turn. */
function fastClock() {
  const pauses: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    random: () => 1,
    sleep: (ms, signal) =>
      new Promise((resolve) =>
        setImmediate(() => {
          if (signal?.aborted !== true) now += ms;
          pauses.push(ms);
          resolve();
        }),
      ),
  };
  return { clock, pauses, advance: (ms: number) => (now += ms) };
}

function follow(
  connections: readonly Connection[],
  sinkParts: Partial<FollowSink> = {},
  signal?: AbortSignal,
) {
  const time = fastClock();
  const stored = { output: '', progress: '' };
  let calls = 0;
  const exec: Exec = async (_machineId, request) => {
    const connection = connections[Math.min(calls, connections.length - 1)];
    calls += 1;
    const value = (name: string) =>
      new RegExp(`^${name}='?([^'\n]*)'?$`, 'm').exec(request.script)?.[1] ?? '';
    const nonce = value('nonce');
    await connection?.({
      say: async (text) => {
        const bytes = Buffer.from(text.replaceAll(/^@(?= )/gm, `@@${nonce}`), 'latin1');
        await request.onStdout?.(bytes);
      },
      signal: request.signal ?? new AbortController().signal,
      from: { output: Number(value('output_at')), progress: Number(value('progress_at')) },
    });
    return { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), exitCode: 0 };
  };
  const down = vi.fn();
  const up = vi.fn();
  const sink: FollowSink = {
    output: async (_offset, bytes) => void (stored.output += Buffer.from(bytes).toString('latin1')),
    progress: async (_offset, bytes) => void (stored.progress += Buffer.from(bytes).toString('latin1')),
    linkDown: down,
    linkUp: up,
    ...sinkParts,
  };
  const runs = createRemoteRuns({ exec, log: quiet, clock: time.clock });
  const end = runs.follow('m', id, { output: 0, progress: 0 }, sink, signal);
  return { end, stored, sink, down, up, ...time, calls: () => calls };
}

const fails =
  (code: ErrorKind): Connection =>
  () =>
    Promise.reject(new AppError(code, code));

describe('following', () => {
  it.each<ErrorKind>([
    'ssh_connection_lost',
    'ssh_timeout',
    'ssh_unreachable',
    'ssh_connection_refused',
    'ssh_name_unresolved',
    'ssh_jump_failed',
    'ssh_channel_refused',
  ])('goes on after %s from where it was', async (code) => {
    const run = follow([
      async ({ say }) => {
        await say(`@ hello\n${chunk('output', 0, 'abc')}${chunk('progress', 0, 'p')}`);
        throw new AppError(code, 'down');
      },
      fails(code),
      async ({ say, from }) => {
        expect(from).toEqual({ output: 3, progress: 1 });
        await say(`@ hello\n${chunk('output', 3, 'def')}${ended(6)}`);
      },
    ]);
    expect(await run.end).toEqual({ kind: 'exited', exitCode: 0, outputSha256: sum, outputBytes: 6 });
    expect(run.stored).toEqual({ output: 'abcdef', progress: 'p' });
    expect(run.down).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code }));
    expect(run.up).toHaveBeenCalledOnce();
  });

  it.each<ErrorKind>([
    'ssh_auth_failed',
    'ssh_host_key_changed',
    'ssh_host_key_unknown',
    'sudo_password_wrong',
    'vault_locked',
    'not_found',
  ])('gives up at once on %s', async (code) => {
    const run = follow([fails(code)]);
    await expect(run.end).rejects.toMatchObject({ code });
    expect(run.calls()).toBe(1);
    expect(run.down).not.toHaveBeenCalled();
  });

  it('waits longer from try to try, five seconds at most', async () => {
    const failing = Array.from({ length: 8 }, () => fails('ssh_unreachable'));
    const run = follow([...failing, ({ say }) => say(`@ hello\n${ended(0)}`)]);
    await run.end;
    const pauses = run.pauses.filter((ms) => ms !== 500);
    expect([...new Set(pauses)]).toEqual([250, 1000, 2000, 4000, 5000]);
    expect(Math.max(...run.pauses)).toBe(defaultTiming.longestPauseMs);
  });

  it.each([
    ['a wrong offset', `@ hello\n${chunk('output', 1, 'evil')}`],
    ['bytes before the greeting', chunk('output', 0, 'evil')],
    ['a file that nobody asked for', `@ hello\n${chunk('file', 0, 'evil')}`],
    ['noise', 'evil\n'],
    ['an unknown word', '@ hello\n@ evil\n'],
    ['an end before everything came', `@ hello\n${ended(10)}`],
    ['an exit code that is none', `@ hello\n@ end exited 256 0 ${sum}\n`],
    ['a sum that is none', '@ hello\n@ end exited 0 0 zz\n'],
    ['more after the end', `@ hello\n${ended(0)}${chunk('output', 0, 'evil')}`],
  ])('drops the connection on %s and stores nothing of it', async (_what, text) => {
    const run = follow([
      ({ say }) => say(text),
      ({ say }) => say(`@ hello\n${chunk('output', 0, 'good')}${ended(4)}`),
    ]);
    expect(await run.end).toMatchObject({ kind: 'exited', outputBytes: 4 });
    expect(run.stored.output).toBe('good');
    expect(run.down).toHaveBeenCalledWith(expect.objectContaining({ code: 'output_unparseable' }));
  });

  it('gives up on a host that talks nonsense only', async () => {
    const run = follow([({ say }) => say('nonsense\n')]);
    await expect(run.end).rejects.toMatchObject({ code: 'output_unparseable' });
    expect(run.calls()).toBe(5);
  });

  it('treats a shell that ended without a word as a lost link', async () => {
    const run = follow([
      ({ say }) => say(`@ hello\n${chunk('output', 0, 'ab')}@@`),
      ({ say }) => say(`@ hello\n${ended(2)}`),
    ]);
    expect(await run.end).toMatchObject({ kind: 'exited' });
    expect(run.down).toHaveBeenCalledWith(expect.objectContaining({ code: 'ssh_connection_lost' }));
  });

  it('notices a link that says nothing any more', async () => {
    const run = follow([
      async (host) => {
        await host.say('@ hello\n');
        await silent(host);
      },
      ({ say }) => say(`@ hello\n${ended(0)}`),
    ]);
    expect(await run.end).toMatchObject({ kind: 'exited' });
    expect(run.down).toHaveBeenCalledWith(expect.objectContaining({ code: 'ssh_timeout' }));
  });

  it('does not blame the link while storing takes long', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const run = follow([({ say }) => say(`@ hello\n${chunk('output', 0, 'x')}${ended(1)}`)], {
      output: () => gate,
    });
    await vi.waitFor(() => expect(run.clock.now()).toBeGreaterThan(defaultTiming.silenceMs * 3));
    release();
    expect(await run.end).toMatchObject({ kind: 'exited' });
    expect(run.down).not.toHaveBeenCalled();
  });

  it('opens a fresh connection now and then, without a word about it', async () => {
    const run = follow([
      async (host) => {
        await host.say('@ hello\n');
        run.advance(defaultTiming.rotateMs);
        await host.say(chunk('output', 0, 'abc'));
        await silent(host);
      },
      ({ say }) => say('@ hello\n@ again\n'),
      ({ say, from }) => say(`@ hello\n${chunk('output', from.output, 'd')}${ended(4)}`),
    ]);
    expect(await run.end).toMatchObject({ kind: 'exited' });
    expect(run.stored.output).toBe('abcd');
    expect(run.down).not.toHaveBeenCalled();
    expect(run.calls()).toBe(3);
  });

  it('rejects with the error of a sink that cannot store, and stops the connection', async () => {
    const full = new AppError('local_disk_full', 'full');
    let stopped = false;
    const run = follow(
      [
        async (host) => {
          host.signal.addEventListener('abort', () => (stopped = true));
          await host.say(`@ hello\n${chunk('output', 0, 'x')}${chunk('output', 1, 'y')}`);
          await silent(host);
        },
      ],
      { output: () => Promise.reject(full) },
    );
    await expect(run.end).rejects.toBe(full);
    expect(stopped).toBe(true);
    expect(run.calls()).toBe(1);
  });

  it('stops when asked, connected or not', async () => {
    const connected = new AbortController();
    const first = follow(
      [
        async (host) => {
          await host.say('@ hello\n');
          connected.abort();
          await silent(host);
        },
      ],
      {},
      connected.signal,
    );
    await expect(first.end).rejects.toMatchObject({ code: 'cancelled' });

    const waiting = new AbortController();
    const second = follow([fails('ssh_unreachable')], { linkDown: () => waiting.abort() }, waiting.signal);
    await expect(second.end).rejects.toMatchObject({ code: 'cancelled' });
    expect(second.calls()).toBe(1);

    const third = follow([silent], {}, AbortSignal.abort());
    await expect(third.end).rejects.toMatchObject({ code: 'cancelled' });
    expect(third.calls()).toBe(0);
  });

  it('hands on bytes in order, one after the other, even when exec does not wait', async () => {
    let busy = 0;
    const order: number[] = [];
    const run = follow(
      [
        async ({ say }) => {
          const texts = ['@ hello\n', chunk('output', 0, 'a'), chunk('output', 1, 'b'), ended(2)];
          await Promise.all(texts.map((text) => say(text)));
        },
      ],
      {
        output: async (offset) => {
          busy += 1;
          expect(busy).toBe(1);
          await new Promise((resolve) => setImmediate(resolve));
          order.push(offset);
          busy -= 1;
        },
      },
    );
    await run.end;
    expect(order).toEqual([0, 1]);
  });

  it('refuses offsets that are no counts', async () => {
    const runs = createRemoteRuns({ exec: () => Promise.reject(new Error('not called')), log: quiet });
    const { sink } = follow([({ say }) => say(`@ hello\n${ended(0)}`)]);
    for (const output of [-1, 1.5, NaN, 2 ** 60])
      await expect(runs.follow('m', id, { output, progress: 0 }, sink)).rejects.toMatchObject({
        code: 'invalid_input',
      });
  });
});
