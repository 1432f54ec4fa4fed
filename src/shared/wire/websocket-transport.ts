import type { Message } from './messages.ts';
import { closeNews, type Transport } from './transport.ts';

/** What a page's WebSocket and the `ws` package's have in common. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

const connecting = 0;
const open = 1;
const prefixBytes = 4;

type Frame = string | Uint8Array<ArrayBuffer>;

/** Frames of ours, whose first bytes are free for the prefix. */
const ownFrames = new WeakMap<Uint8Array, Uint8Array<ArrayBuffer>>();

/** The bytes of a frame that has room for its prefix. */
function bytesOfFrame(byteLength: number): Uint8Array {
  const frame = new Uint8Array(prefixBytes + byteLength);
  const bytes = frame.subarray(prefixBytes);
  ownFrames.set(bytes, frame);
  return bytes;
}

/** `data` is binary, [u32 big-endian id][payload]; everything else is JSON text. */
function encode(message: Message): Frame {
  if (message.t !== 'data') return JSON.stringify(message);
  let frame = ownFrames.get(message.bytes);
  if (!frame) {
    frame = new Uint8Array(prefixBytes + message.bytes.byteLength);
    frame.set(message.bytes, prefixBytes);
  }
  new DataView(frame.buffer).setUint32(0, message.id);
  return frame;
}

/** `undefined` for what is neither: the reader counts it as a malformed message. */
function decode(data: unknown): unknown {
  if (typeof data === 'string') {
    try {
      return JSON.parse(data);
    } catch {
      return undefined;
    }
  }
  if (!(data instanceof ArrayBuffer) || data.byteLength < prefixBytes) return undefined;
  return { t: 'data', id: new DataView(data).getUint32(0), bytes: new Uint8Array(data, prefixBytes) };
}

/** RFC 6455, section 5.5: a close frame's reason has at most 123 bytes. */
const closeReason = (reason: string): string => reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 123);

/** A wire over a socket that is open or opening. What is sent before it is open goes out when it is. */
export function socketTransport(socket: SocketLike): Transport {
  const news = closeNews();
  const listeners: ((message: unknown) => void)[] = [];
  let unsent: Frame[] = [];
  socket.binaryType = 'arraybuffer';

  socket.addEventListener('open', () => {
    for (const frame of unsent) socket.send(frame);
    unsent = [];
  });
  socket.addEventListener('message', (event) => {
    if (news.isClosed()) return;
    const message = decode(event.data);
    for (const listener of listeners) listener(message);
  });
  // An error event is always followed by close, which says more.
  socket.addEventListener('error', () => undefined);
  socket.addEventListener('close', (event) => {
    news.close(event.reason || `connection closed (${event.code})`);
  });

  return {
    send(message) {
      if (news.isClosed()) return;
      const frame = encode(message);
      if (socket.readyState === open) socket.send(frame);
      else if (socket.readyState === connecting) unsent.push(frame);
    },
    frame: bytesOfFrame,
    onMessage: (listener) => void listeners.push(listener),
    onClose: (listener) => {
      news.onClose(listener);
    },
    close(reason = 'closed') {
      if (news.close(reason)) socket.close(1000, closeReason(reason));
    },
    bufferedBytes: () => socket.bufferedAmount,
  };
}

/** Opens a page's WebSocket, for example to `new URL('/ws', location.href)` with the scheme ws. */
export function webSocketTransport(url: string | URL): Transport {
  return socketTransport(new WebSocket(url));
}
