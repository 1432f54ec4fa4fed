import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TerminalLayout } from '../../shared/contract/terminal-windows.ts';
import { defaultTerminalLook } from '../../shared/contract/terminal-look.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { explain } from '../db/explain.ts';
import { terminalScreens } from '../db/schema/index.ts';
import { preferenceHandlers } from '../preferences/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { createTerminalWindows } from './windows.ts';

/** Encrypts so that it can be told from the plain text. */
const vault = {
  encrypt: (place: { rowId: string }, text: string) =>
    `${place.rowId}:${Buffer.from(text).toString('base64')}`,
  decryptAll: (secrets: readonly { place: { rowId: string }; ciphertext: string }[]) =>
    secrets.map(({ place, ciphertext }) => {
      const [owner, text = ''] = ciphertext.split(':');
      if (owner !== place.rowId) throw new AppError('secret_unreadable', 'moved');
      return Buffer.from(text, 'base64').toString();
    }),
};

let context: ReturnType<typeof testContext>;
let machineId: string;
let windows: ReturnType<typeof createTerminalWindows>;
beforeEach(() => {
  context = testContext();
  machineId = insertMachine(context, 'one');
  windows = createTerminalWindows(context, vault);
});
afterEach(() => {
  windows.close();
  context.database.close();
});

const caller = (signal = new AbortController().signal) => ({ surface: 'ui', signal }) as const;
const layoutOf = (...keys: string[]): TerminalLayout => ({
  tabs: keys.map((key) => ({
    root: key,
    activeKey: key,
    panes: [{ key, machineId, machineName: 'one', sessionId: null }],
  })),
  activeTab: 0,
});
const keysOf = (layouts: readonly TerminalLayout[]) =>
  layouts.flatMap(({ tabs }) => tabs.flatMap(({ panes }) => panes.map(({ key }) => key)));
const uuid = () => crypto.randomUUID();

/** A window that is there until `leave`. */
async function arrive(windowId: string, kind: 'main' | 'own' = 'main') {
  const ends = new AbortController();
  const stream = windows.handlers['terminals.window']({ windowId, kind }, caller(ends.signal))[
    Symbol.asyncIterator
  ]();
  const first = await stream.next();
  if (first.done === true) throw new Error('The window was told nothing');
  const rest = stream.next();
  return {
    news: first.value,
    /** What comes to it next. */
    next: async () => {
      const second = await rest;
      if (second.done === true) throw new Error('The window was told nothing more');
      return second.value;
    },
    leave: async () => {
      ends.abort();
      await rest;
      await stream.return?.(undefined);
    },
  };
}
const keep = (windowId: string, layout: TerminalLayout) =>
  windows.handlers['terminals.keepLayout']({ windowId, layout }, caller());
const allow = (keepScreens: boolean) =>
  preferenceHandlers(context)['preferences.set'](
    { terminal: { ...defaultTerminalLook, keepScreens } },
    caller(),
  );
const rows = () => context.database.db.select().from(terminalScreens).all();

describe('windows of terminals', () => {
  it('give tabs back to the main window that came last, and to no other', async () => {
    const give = (key: string) =>
      windows.handlers['terminals.giveBack']({ layout: layoutOf(key) }, caller()) as unknown;
    const own = await arrive(uuid(), 'own');
    expect(() => give(uuid())).toThrow(expect.objectContaining({ code: 'not_found' }));
    const [first, last, key] = [await arrive(uuid()), await arrive(uuid()), uuid()];
    give(key);
    const news = await last.next();
    expect(news).toMatchObject({ isTaken: false, isGiven: true });
    expect(keysOf(news.layouts)).toEqual([key]);
    await last.leave();
    const again = uuid();
    give(again);
    expect(keysOf((await first.next()).layouts)).toEqual([again]);
    for (const window of [own, first]) await window.leave();
  });

  it('have their own tabs again when they load again, and nobody else has them meanwhile', async () => {
    const [id, other, key] = [uuid(), uuid(), uuid()];
    const first = await arrive(id);
    await keep(id, layoutOf(key));
    await first.leave();
    const elsewhere = await arrive(other);
    expect(elsewhere.news.layouts).toEqual([]);
    expect(keysOf((await arrive(id)).news.layouts)).toEqual([key]);
  });

  it('are told when another one has their id', async () => {
    const id = uuid();
    await arrive(id);
    vi.useFakeTimers();
    try {
      const second = arrive(id);
      await vi.advanceTimersByTimeAsync(4_000);
      expect((await second).news).toEqual({ isTaken: true, isGiven: false, layouts: [] });
    } finally {
      vi.useRealTimers();
    }
  });

  it('take up what a former process left, once', async () => {
    const [main, own] = [uuid(), uuid()];
    await keep(uuid(), layoutOf(main));
    await keep(uuid(), layoutOf(own));
    windows.close();
    windows = createTerminalWindows(context, vault);
    expect(keysOf((await arrive(uuid())).news.layouts).sort()).toEqual([main, own].sort());
    expect((await arrive(uuid())).news.layouts).toEqual([]);
  });

  it('of their own get what was put there for them, and are done with when they are closed', async () => {
    const [id, key] = [uuid(), uuid()];
    await keep(id, layoutOf(key));
    expect((await arrive(uuid())).news.layouts).toEqual([]);
    const own = await arrive(id, 'own');
    expect(keysOf(own.news.layouts)).toEqual([key]);
    vi.useFakeTimers();
    try {
      await own.leave();
      vi.advanceTimersByTime(61_000);
    } finally {
      vi.useRealTimers();
    }
    expect((await arrive(uuid())).news.layouts).toEqual([]);
  });
});

describe('what terminals showed', () => {
  const screen = { text: 'a secret of the host', columns: 80, rows: 24 };
  const keepScreen = async (windowId: string, key: string) => {
    await windows.handlers['terminals.keepScreens'](
      { windowId, screens: [{ key, machineId, screen }] },
      caller(),
    );
  };

  it('is not kept unless the person wants it', async () => {
    await expect(keepScreen(uuid(), uuid())).rejects.toMatchObject({ code: 'not_allowed' });
    expect(rows()).toEqual([]);
  });

  it('is kept encrypted, goes with its pane, and moves with it to another window', async () => {
    await allow(true);
    const [id, other, key, closed] = [uuid(), uuid(), uuid(), uuid()];
    await keep(id, layoutOf(key, closed));
    await keepScreen(id, key);
    await keepScreen(id, closed);
    expect(JSON.stringify(rows())).not.toContain('secret of the host');
    await keep(id, layoutOf(key));
    expect(rows().map((row) => row.id)).toEqual([key]);
    await keep(other, layoutOf(key));
    await keep(id, layoutOf());
    expect(rows()).toMatchObject([{ id: key, windowId: other }]);
    const { screens } = await windows.handlers['terminals.screens']({ keys: [key, closed] }, caller());
    expect(screens).toEqual([{ key, screen }]);
  });

  it('is erased the moment the person does not want it any more', async () => {
    await allow(true);
    await keepScreen(uuid(), uuid());
    await allow(false);
    expect(rows()).toEqual([]);
  });

  it('is found by its index', () => {
    const plan = explain(context.database.raw, 'DELETE FROM terminal_screens WHERE window_id = ?', ['x']);
    expect(plan.join()).toContain('terminal_screens_window_id');
  });
});
