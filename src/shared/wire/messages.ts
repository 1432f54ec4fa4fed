import { isErrorKind, type WireError } from '../domain/errors.ts';

/**
 * What crosses a wire. Values are plain JSON (the contract's schemas see to it); bytes are Uint8Array.
 *
 * Up: `call` starts a procedure under an id of the client's choice; `cancel` ends the client's interest in it; `ack` says
 * how much was consumed (events: a count, bytes: octets); `data` and `eoi` (end of input) feed a byte procedure.
 * Down: `ok` and `err` answer, `event` and `data` stream, `end` closes a stream, `ack` gives credit for `data` sent up.
 */
export type UpMessage =
  | { t: 'call'; id: number; name: string; input?: unknown; window?: number }
  | { t: 'cancel'; id: number }
  | { t: 'ack'; id: number; n: number }
  | { t: 'data'; id: number; bytes: Uint8Array }
  | { t: 'eoi'; id: number };

export type DownMessage =
  | { t: 'ok'; id: number; value?: unknown }
  | { t: 'event'; id: number; value?: unknown }
  | { t: 'data'; id: number; bytes: Uint8Array }
  | { t: 'ack'; id: number; n: number }
  | { t: 'end'; id: number }
  | { t: 'err'; id: number; error: WireError };

export type Message = UpMessage | DownMessage;

/** Ids are unsigned 32-bit so that they fit a binary frame's prefix; 0 is never used. */
export const maxId = 0xffff_ffff;
/** Events a server sends ahead of the consumer. */
export const eventWindow = 64;
/** The client tells what it consumed in steps of this many events. */
export const eventAckStep = 16;
/** Bytes a server sends ahead of the reader unless the call says otherwise: what feels immediate in a terminal. */
export const defaultWindowBytes = 100_000;
export const maxWindowBytes = 8 * 1024 * 1024;
/** Bytes a client may send ahead of the handler. */
export const upstreamWindowBytes = 1024 * 1024;
/** Each frame costs a page a task and an acknowledgement, whatever is in it (bench/terminal-product.ts). */
export const maxFrameBytes = 256 * 1024;
/** Bound on one control message in its text form. */
export const maxMessageBytes = 8 * 1024 * 1024;

/** Where a paused sender goes on: at half of the window, so that the reader has work while more is on its way. */
export const resumeBelow = (windowBytes: number): number => Math.max(1, Math.floor(windowBytes / 2));
/** What was consumed is told in steps of a quarter of the window: twice before a sender stands still. */
export const ackStepOf = (windowBytes: number): number => Math.max(1, Math.floor(windowBytes / 4));

type Fields = Record<string, unknown>;

const isCount = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max;

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function readCall(m: Fields, id: number): UpMessage | null {
  if (typeof m['name'] !== 'string' || m['name'].length > 200) return null;
  const call: UpMessage = { t: 'call', id, name: m['name'], input: m['input'] };
  if (m['window'] === undefined) return call;
  return isCount(m['window'], maxWindowBytes) ? { ...call, window: m['window'] } : null;
}

function readData(m: Fields, id: number): { t: 'data'; id: number; bytes: Uint8Array } | null {
  const bytes = m['bytes'];
  return bytes instanceof Uint8Array && bytes.byteLength <= maxFrameBytes ? { t: 'data', id, bytes } : null;
}

/** A client's message, or null if it is not one: the server counts those and closes the wire. */
export function readUpMessage(value: unknown): UpMessage | null {
  const m = fieldsOf(value);
  if (!m || !isCount(m['id'], maxId)) return null;
  const id = m['id'];
  switch (m['t']) {
    case 'call':
      return readCall(m, id);
    case 'ack':
      return isCount(m['n'], Number.MAX_SAFE_INTEGER) ? { t: 'ack', id, n: m['n'] } : null;
    case 'data':
      return readData(m, id);
    case 'cancel':
      return { t: 'cancel', id };
    case 'eoi':
      return { t: 'eoi', id };
    default:
      return null;
  }
}

function readError(value: unknown): WireError {
  const e = fieldsOf(value);
  return {
    code: isErrorKind(e?.['code']) ? e['code'] : 'internal',
    message: typeof e?.['message'] === 'string' ? e['message'] : 'Internal error',
    data: fieldsOf(e?.['data']) ?? {},
  };
}

/** A server's message, or null if it is not one. */
export function readDownMessage(value: unknown): DownMessage | null {
  const m = fieldsOf(value);
  if (!m || !isCount(m['id'], maxId)) return null;
  const id = m['id'];
  switch (m['t']) {
    case 'ok':
    case 'event':
      return { t: m['t'], id, value: m['value'] };
    case 'data':
      return readData(m, id);
    case 'ack':
      return isCount(m['n'], Number.MAX_SAFE_INTEGER) ? { t: 'ack', id, n: m['n'] } : null;
    case 'end':
      return { t: 'end', id };
    case 'err':
      return { t: 'err', id, error: readError(m['error']) };
    default:
      return null;
  }
}
