import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { machineEvents, sshTerminalSessions } from '../db/schema/index.ts';
import type { ShellEnd, SshDirectory, SshPool, SshShell, TerminalSize } from '../ssh/types.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { terminalHandlers } from './handlers.ts';
import { createRecordings } from './recording.ts';
import { recordOpened } from './store.ts';
import { createTerminals } from './terminals.ts';

/** A shell whose host is the test: it says what is given to `say`. */
function scriptedShell() {
  const ended = Promise.withResolvers<ShellEnd>();
  const typed: string[] = [];
  const sizes: TerminalSize[] = [];
  const said: Uint8Array[] = [];
  let asked = 0;
  let isOver = false;
  let wake = () => undefined as void;
  const over = (end: ShellEnd) => {
    isOver = true;
    ended.resolve(end);
    wake();
  };
  const shell: SshShell = {
    async *output(signal) {
      signal.addEventListener('abort', () => {
        wake();
      });
      while (!signal.aborted) {
        asked += 1;
        const next = said.shift();
        if (next) yield next;
        else if (isOver) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
    write: (bytes) => {
      typed.push(Buffer.from(bytes).toString());
      return Promise.resolve();
    },
    resize: (size) => void sizes.push(size),
    close: () => {
      over({ kind: 'exited', exitCode: null, signal: null });
    },
    ended: ended.promise,
  };
  return {
    shell,
    typed,
    sizes,
    over,
    asked: () => asked,
    say: (text: string) => {
      said.push(Buffer.from(text));
      wake();
    },
  };
}

let context: ReturnType<typeof testContext>;
let machineId: string;
let shells: ReturnType<typeof scriptedShell>[];
let terminals: ReturnType<typeof createTerminals>;
const never = new AbortController().signal;

beforeEach(() => {
  context = testContext();
  machineId = insertMachine(context, 'one');
  shells = [];
  terminals = make();
});
afterEach(async () => {
  await terminals.close();
  context.database.close();
});

function make() {
  const pool: Pick<SshPool, 'shell'> = {
    shell: () => {
      const made = scriptedShell();
      shells.push(made);
      return Promise.resolve(made.shell);
    },
  };
  const directory: Pick<SshDirectory, 'target'> = {
    target: () => ({ username: 'ops' }) as ReturnType<SshDirectory['target']>,
  };
  const recorder = createRecordings(context, { currentSecrets: () => [] }, (id) => [id]);
  return createTerminals(context, pool as SshPool, directory as SshDirectory, recorder);
}
const open = () => terminals.open(machineId, { columns: 80, rows: 24 }, never);
const rows = () => context.database.db.select().from(sshTerminalSessions).all();
const told = () =>
  context.database.db
    .select()
    .from(machineEvents)
    .all()
    .map((event) => event.eventType);
async function* nothing(): AsyncGenerator<Uint8Array> {
  await new Promise<void>(() => undefined);
  yield new Uint8Array();
}
const until = async (holds: () => boolean) => {
  for (let turn = 0; turn < 500 && !holds(); turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 2));
  expect(holds()).toBe(true);
};
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe('a session', () => {
  it('is written down when it opens and when it ends, without what was in it', async () => {
    const { id } = await open();
    expect(rows()).toMatchObject([{ id, status: 'open', username: 'ops', closedAt: null }]);
    const out: string[] = [];
    const reading = (async () => {
      for await (const piece of terminals.stream(id, 0, never, nothing()))
        out.push(Buffer.from(piece).toString());
    })();
    shells[0]?.say('the secret of the host');
    await until(() => out.length === 1);
    shells[0]?.over({ kind: 'exited', exitCode: 0, signal: null });
    await reading;
    await until(() => terminals.openCount === 0);
    expect(rows()).toMatchObject([{ status: 'closed', lastError: null }]);
    expect(told()).toEqual(['terminal.opened', 'terminal.closed']);
    const kept = JSON.stringify([rows(), context.database.db.select().from(machineEvents).all()]);
    expect(kept).not.toContain('secret of the host');
    expect(kept).toContain('bytesOut');
  });

  it('ends with the error of the link', async () => {
    const { id } = await open();
    const reading = codeOf(terminals.stream(id, 0, never, nothing())[Symbol.asyncIterator]().next());
    shells[0]?.over({ kind: 'lost', error: new AppError('ssh_connection_lost', 'gone') });
    expect(await reading).toBe('ssh_connection_lost');
    await until(() => terminals.openCount === 0);
    expect(rows()).toMatchObject([{ status: 'error', lastError: 'ssh_connection_lost' }]);
    expect(told()).toEqual(['terminal.opened', 'terminal.error']);
  });

  it('closes when its page leaves', async () => {
    const { id } = await open();
    const leaving = new AbortController();
    const next = terminals.stream(id, 0, leaving.signal, nothing())[Symbol.asyncIterator]().next();
    await until(() => (shells[0]?.asked() ?? 0) > 0);
    leaving.abort();
    expect((await next).done).toBe(true);
    await until(() => terminals.openCount === 0);
    expect(rows()).toMatchObject([{ status: 'closed' }]);
  });

  it('takes a piece from the host only when one is asked for, and passes on what is typed meanwhile', async () => {
    const { id } = await open();
    const [host] = shells;
    for (let piece = 0; piece < 50; piece += 1) host?.say('flood');
    const keys = (async function* () {
      yield Buffer.from('\x03');
      await new Promise<void>(() => undefined);
    })();
    const stream = terminals.stream(id, 0, never, keys)[Symbol.asyncIterator]();
    await stream.next();
    await until(() => host?.typed.length === 1);
    expect([host?.typed, host?.asked()]).toEqual([['\x03'], 1]);
    await stream.return?.();
  });

  it('has one reader', async () => {
    const { id } = await open();
    const first = terminals.stream(id, 0, never, nothing())[Symbol.asyncIterator]();
    const reading = codeOf(first.next());
    expect(await codeOf(terminals.stream(id, 0, never, nothing())[Symbol.asyncIterator]().next())).toBe(
      'conflict',
    );
    expect(terminals.openCount).toBe(1);
    terminals.kill(id);
    expect(await reading).toBe('cancelled');
  });

  it('is resized by its id, and only while it is open', async () => {
    const { id } = await open();
    terminals.resize(id, { columns: 200, rows: 60 });
    expect(shells[0]?.sizes).toEqual([{ columns: 200, rows: 60 }]);
    terminals.kill(id);
    await until(() => terminals.openCount === 0);
    expect(() => {
      terminals.resize(id, { columns: 1, rows: 1 });
    }).toThrow(AppError);
    expect(rows()).toMatchObject([{ status: 'killed' }]);
  });
});

describe('another window', () => {
  const screen = { text: 'drawn', columns: 80, rows: 24 };
  const reader = (id: string, from: number, signal: AbortSignal = never) =>
    terminals.stream(id, from, signal, nothing())[Symbol.asyncIterator]();
  const next = async (stream: AsyncIterator<Uint8Array>) => {
    const result = await stream.next();
    return result.done === true ? null : Buffer.from(result.value).toString();
  };

  it('gets the shell that was let go, what it showed, and what came since', async () => {
    const { id } = await open();
    const first = reader(id, 0);
    shells[0]?.say('one ');
    shells[0]?.say('two ');
    expect([await next(first), await next(first)]).toEqual(['one ', 'two ']);
    const waiting = next(first);
    const taking = terminals.attach(id, never);
    await terminals.detach(id, { screen, at: 4 });
    expect(await waiting).toBeNull();
    shells[0]?.say('three');
    expect(await taking).toEqual({ username: 'ops', screen, at: 4 });
    const second = reader(id, 4);
    expect([await next(second), await next(second)]).toEqual(['two ', 'three']);
    expect(rows()).toMatchObject([{ status: 'open' }]);
    await second.return?.();
    expect(await codeOf(terminals.attach(id, never))).toBe('not_found');
  });

  it('gets what is still here of a page that vanished', async () => {
    const { id } = await open();
    const gone = new AbortController();
    const first = reader(id, 0, gone.signal);
    shells[0]?.say('seen');
    expect(await next(first)).toBe('seen');
    const waiting = next(first);
    gone.abort(new AppError('disconnected', 'gone'));
    expect(await waiting).toBeNull();
    expect(await terminals.attach(id, never)).toEqual({ username: 'ops', screen: null, at: 0 });
    expect(await next(reader(id, 0))).toBe('seen');
    expect(terminals.openCount).toBe(1);
  });

  it('is told when the terminal is not let go', async () => {
    const { id } = await open();
    const first = reader(id, 0);
    const waiting = next(first);
    const impatient = new AbortController();
    const taking = codeOf(terminals.attach(id, impatient.signal));
    impatient.abort();
    expect(await taking).toBe('conflict');
    terminals.kill(id);
    await codeOf(waiting);
  });

  it('comes within a minute or not at all', async () => {
    const { id } = await open();
    vi.useFakeTimers();
    try {
      await terminals.detach(id, { screen, at: 0 });
      vi.advanceTimersByTime(59_000);
      expect(terminals.openCount).toBe(1);
      vi.advanceTimersByTime(2_000);
    } finally {
      vi.useRealTimers();
    }
    await until(() => terminals.openCount === 0);
    expect(rows()).toMatchObject([{ status: 'killed' }]);
  });
});

describe('switching terminals off', () => {
  it('ends what is open and refuses what comes, also after a restart', async () => {
    const handlers = terminalHandlers(context, terminals);
    const { id } = await open();
    const reading = codeOf(terminals.stream(id, 0, never, nothing())[Symbol.asyncIterator]().next());
    await handlers['terminals.setEnabled']({ enabled: false }, { surface: 'ui', signal: never });
    expect(await reading).toBe('cancelled');
    await until(() => terminals.openCount === 0);
    expect(rows()).toMatchObject([{ status: 'killed' }]);
    expect(await codeOf(open())).toBe('not_allowed');
    terminals = make();
    expect(await codeOf(open())).toBe('not_allowed');
    expect(shells).toHaveLength(1);
    expect(told()).toEqual(['terminal.opened', 'terminal.forbidden', 'terminal.killed']);
  });
});

describe('the end of the application', () => {
  it('writes the end of each terminal', async () => {
    await open();
    await open();
    await terminals.close();
    expect(rows().map((row) => row.status)).toEqual(['killed', 'killed']);
    expect(terminals.openCount).toBe(0);
  });

  it('does not claim to know when a session ended that a killed process left', () => {
    recordOpened(context, { id: crypto.randomUUID(), machineId, username: 'ops' });
    terminals = make();
    expect(rows()).toMatchObject([{ status: 'killed', closedAt: null }]);
  });
});
