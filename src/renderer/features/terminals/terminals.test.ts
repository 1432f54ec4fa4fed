import { describe, expect, it } from 'vitest';
import { feed } from './feed.ts';
import { hostText } from './host-text.ts';
import { clipboardText } from './osc52.ts';
import { needsLook, readPaste } from './paste.ts';
import { terminalKey } from './terminal-keys.ts';

const key = (code: string, modifiers: Partial<Parameters<typeof terminalKey>[0]> = {}) =>
  terminalKey({
    key: '',
    code,
    ctrlKey: false,
    shiftKey: false,
    altKey: false,
    metaKey: false,
    ...modifiers,
  });

describe('keys', () => {
  it.each([
    ['KeyC', { ctrlKey: true }],
    ['KeyV', { ctrlKey: true }],
    ['KeyK', { ctrlKey: true }],
    ['Escape', {}],
    ['Tab', { shiftKey: true }],
    ['ArrowUp', { shiftKey: true }],
    ['KeyC', { ctrlKey: true, shiftKey: true, altKey: true }],
  ])('%s with %o is the terminal’s', (code, modifiers) => {
    expect(key(code, modifiers)).toBeNull();
  });

  it('leaves the terminal, copies and pastes by keys that no shell has', () => {
    const both = { ctrlKey: true, shiftKey: true };
    expect([key('ArrowUp', both), key('KeyC', both), key('KeyV', both)]).toEqual(['leave', 'copy', 'paste']);
    expect(key('KeyC', { metaKey: true })).toBe('copy');
  });
});

describe('a paste', () => {
  it('loses what would act by itself', () => {
    expect(readPaste('ls\u001b[201~\u0003\r\nrm x\t1\r')).toEqual({
      text: 'ls[201~\nrm x\t1\n',
      lines: 2,
      removed: 2,
    });
  });

  it.each([
    ['one line', 'ls -l', false, false],
    ['one line with its end', 'ls -l\n', false, true],
    ['two lines for a program that takes them as text', 'a\nb', true, false],
    ['many lines in any case', 'a\n'.repeat(30), true, true],
    ['hidden keys in any case', 'a\u001bb', true, true],
  ])('%s', (_name, text, isBracketed, expected) => {
    expect(needsLook(readPaste(text), isBracketed)).toBe(expected);
  });
});

describe('text of a host', () => {
  it('is one bounded line that shows what it is', () => {
    expect(hostText('a\u202eb\u0007\nc\u200d')).toBe('a b c');
    expect([...hostText('漢'.repeat(500))]).toHaveLength(121);
  });
});

describe('a request to fill the clipboard', () => {
  it.each([
    ['c;aGk=', 'hi'],
    [';ZMOp', 'dé'],
    ['c;?', null],
    ['c;%%%', null],
    ['c;aGk=;x', null],
    ['c', null],
    [`c;${'A'.repeat(400_000)}`, null],
  ])('%.20s', (data, expected) => {
    expect(clipboardText(data)).toBe(expected);
  });
});

describe('feeding the screen', () => {
  const chunk = new Uint8Array(64 * 1024);

  it('reads on only when the screen has caught up', async () => {
    let read = 0;
    const taken: (() => void)[] = [];
    async function* endless() {
      for (; read < 100; read += 1) yield chunk;
      await Promise.resolve();
    }
    const feeding = feed(endless(), { write: (_bytes, done) => taken.push(done) });
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    const ahead = taken.length;
    expect(ahead).toBeGreaterThan(1);
    expect(ahead * chunk.byteLength).toBeLessThan(512 * 1024);
    while (taken.length > 0) {
      taken.shift()?.();
      // What goes on does so in a task of its own.
      await new Promise((resolve) => setTimeout(resolve));
    }
    await feeding;
    expect(read).toBe(100);
  });

  it('passes the stream’s failure on', async () => {
    async function* failing() {
      yield chunk;
      await Promise.resolve();
      throw new Error('the link went');
    }
    const shown: number[] = [];
    const screen = {
      write: (bytes: Uint8Array, done: () => void) => {
        shown.push(bytes.byteLength);
        done();
      },
    };
    await expect(feed(failing(), screen)).rejects.toThrow('the link went');
    expect(shown).toEqual([chunk.byteLength]);
  });
});
