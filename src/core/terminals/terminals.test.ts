import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
  const recorder = createRecordings(context, { currentSecrets: () => [] });
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
      for await (const piece of terminals.stream(id, never, nothing()))
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
    const reading = codeOf(terminals.stream(id, never, nothing())[Symbol.asyncIterator]().next());
    shells[0]?.over({ kind: 'lost', error: new AppError('ssh_connection_lost', 'gone') });
    expect(await reading).toBe('ssh_connection_lost');
    await until(() => terminals.openCount === 0);
    expect(rows()).toMatchObject([{ status: 'error', lastError: 'ssh_connection_lost' }]);
    expect(told()).toEqual(['terminal.opened', 'terminal.error']);
  });

  it('closes when its page leaves', async () => {
    const { id } = await open();
    const leaving = new AbortController();
    const next = terminals.stream(id, leaving.signal, nothing())[Symbol.asyncIterator]().next();
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
    const stream = terminals.stream(id, never, keys)[Symbol.asyncIterator]();
    await stream.next();
    await until(() => host?.typed.length === 1);
    expect([host?.typed, host?.asked()]).toEqual([['\x03'], 1]);
    await stream.return?.();
  });

  it('has one reader', async () => {
    const { id } = await open();
    const first = terminals.stream(id, never, nothing())[Symbol.asyncIterator]();
    const reading = codeOf(first.next());
    expect(await codeOf(terminals.stream(id, never, nothing())[Symbol.asyncIterator]().next())).toBe(
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

describe('switching terminals off', () => {
  it('ends what is open and refuses what comes, also after a restart', async () => {
    const handlers = terminalHandlers(context, terminals);
    const { id } = await open();
    const reading = codeOf(terminals.stream(id, never, nothing())[Symbol.asyncIterator]().next());
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
