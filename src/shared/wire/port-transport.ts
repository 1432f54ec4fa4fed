import type { Message } from './messages.ts';
import { closeNews, type Transport } from './transport.ts';

interface Received {
  data: unknown;
}

/** A MessagePort of a page, a worker or Node's worker_threads. */
export interface DomStylePort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: Received) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
}

/** Electron's MessagePortMain. */
export interface EmitterStylePort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  on(event: 'message', listener: (event: Received) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** Says why before a port goes away: the close event itself carries no text. */
interface Goodbye {
  t: 'bye';
  reason: string;
}

const isGoodbye = (value: unknown): value is Goodbye =>
  typeof value === 'object' && value !== null && (value as Partial<Goodbye>).t === 'bye';

/** Cloning a view clones its whole buffer, and a Node Buffer's is shared: only what is meant goes out. */
function exact(message: Message): Message {
  if (message.t !== 'data') return message;
  const { bytes } = message;
  const isWhole = bytes.constructor === Uint8Array && bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? message : { ...message, bytes: new Uint8Array(bytes) };
}

/** A wire over structured clone: page to Electron main, or two ends of a worker_threads channel. */
export function portTransport(port: DomStylePort | EmitterStylePort): Transport {
  const news = closeNews();
  const listeners: ((message: unknown) => void)[] = [];
  const waiting: unknown[] = [];

  const deliver = (data: unknown): void => {
    if (news.isClosed()) return;
    if (isGoodbye(data)) {
      port.close();
      news.close(data.reason);
    } else if (listeners.length === 0) waiting.push(data);
    else for (const listener of listeners) listener(data);
  };
  const onMessage = (event: Received): void => {
    deliver(event.data);
  };
  const onClose = (): void => void news.close('the other end is gone');
  if ('addEventListener' in port) {
    port.addEventListener('message', onMessage);
    port.addEventListener('close', onClose);
  } else {
    port.on('message', onMessage);
    port.on('close', onClose);
  }
  port.start();

  return {
    send(message) {
      if (!news.isClosed()) port.postMessage(exact(message));
    },
    frame: (byteLength) => new Uint8Array(byteLength),
    onMessage(listener) {
      listeners.push(listener);
      for (const message of waiting.splice(0)) deliver(message);
    },
    onClose: (listener) => {
      news.onClose(listener);
    },
    close(reason = 'closed') {
      if (news.isClosed()) return;
      const goodbye: Goodbye = { t: 'bye', reason };
      port.postMessage(goodbye);
      port.close();
      news.close(reason);
    },
    bufferedBytes: () => 0,
  };
}
