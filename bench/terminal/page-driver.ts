import { once } from 'node:events';
import WebSocket from 'ws';

/** `Input.dispatchKeyEvent`, "modifiers". */
const modifierBits = { Alt: 1, Control: 2, Shift: 8 } as const;
type Modifier = keyof typeof modifierBits;

/** A page driven through the DevTools protocol with nothing else switched on. */
export interface PageDriver {
  /** The value of an expression in the page; a promise's is waited for. @throws what the page throws, as text */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses and releases a key: a character, `Enter`, or `c` with modifiers. */
  press(key: string, ...modifiers: Modifier[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Seconds of its main thread that were work. */
  taskSeconds(): Promise<number>;
  /** Megabytes of script memory that are in use, with what buffers hold, after a collection. */
  heapMb(): Promise<number>;
  /** Brings it before the other pages: one in the background draws nothing. */
  show(): Promise<void>;
  close(): void;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const keyCodes: Record<string, number> = { Enter: 13, ArrowLeft: 37, ArrowRight: 39 };
/** Of punctuation none: its place on the keyboard is another one in every country, and its code would be another key's. */
const codeOf = (key: string): number =>
  keyCodes[key] ?? (/^[a-z0-9]$/i.test(key) ? key.toUpperCase().charCodeAt(0) : 0);

/**
 * Playwright has every frame of a WebSocket told to it, which costs the page, the browser and the measuring process as much
 * as the product takes for showing it (measured: 105 MB as base64 on three ways). Whoever uses the product has none of that.
 * @param debuggingPort that the browser was started with
 */
export async function drivePage(debuggingPort: number, urlStart: string): Promise<PageDriver> {
  const response = await fetch(`http://127.0.0.1:${debuggingPort}/json/list`);
  const targets = (await response.json()) as { type: string; url: string; webSocketDebuggerUrl: string }[];
  const target = targets.find((one) => one.type === 'page' && one.url.startsWith(urlStart));
  if (!target) throw new Error(`No page at ${urlStart}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, 'open');
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  socket.on('message', (data: Buffer) => {
    const { id, result, error } = JSON.parse(data.toString()) as Reply;
    const one = waiting.get(id);
    waiting.delete(id);
    if (error) one?.reject(new Error(error.message));
    else one?.resolve(result);
  });
  let last = 0;
  const send = <T>(method: string, params: object = {}): Promise<T> => {
    last += 1;
    const one = Promise.withResolvers<unknown>();
    waiting.set(last, one);
    socket.send(JSON.stringify({ id: last, method, params }));
    return one.promise as Promise<T>;
  };
  const press = async (key: string, modifiers: readonly Modifier[]): Promise<void> => {
    const bits = modifiers.reduce((sum, one) => sum | modifierBits[one], 0);
    const text = key === 'Enter' ? '\r' : key.length === 1 && bits === 0 ? key : undefined;
    const event = {
      key,
      modifiers: bits,
      windowsVirtualKeyCode: codeOf(key),
      ...(key.length === 1 && /[a-z]/i.test(key) ? { code: `Key${key.toUpperCase()}` } : { code: key }),
    };
    await send('Input.dispatchKeyEvent', {
      ...event,
      type: text === undefined ? 'rawKeyDown' : 'keyDown',
      ...(text === undefined ? {} : { text, unmodifiedText: text }),
    });
    await send('Input.dispatchKeyEvent', { ...event, type: 'keyUp' });
  };
  await send('Performance.enable');

  return {
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send<{
        result: { value: T };
        exceptionDetails?: { text: string; exception?: { description?: string } };
      }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) {
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      }
      return result.value;
    },
    press: (key, ...modifiers) => press(key, modifiers),
    async type(text) {
      for (const character of text) await press(character, []);
    },
    async taskSeconds() {
      const { metrics } = await send<{ metrics: { name: string; value: number }[] }>(
        'Performance.getMetrics',
      );
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    },
    async heapMb() {
      for (let turn = 0; turn < 3; turn += 1) await send('HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize } = await send<{ usedSize: number; backingStorageSize?: number }>(
        'Runtime.getHeapUsage',
      );
      return (usedSize + (backingStorageSize ?? 0)) / 1e6;
    },
    show: () => send('Page.bringToFront'),
    close() {
      socket.close();
    },
  };
}
