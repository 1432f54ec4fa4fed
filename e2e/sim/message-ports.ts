import { EventEmitter } from 'node:events';

/** Where a port's messages go: the other port here, or a port in a page. */
export interface PortPeer {
  message(value: unknown): void;
  close(): void;
}

/** Electron's MessagePortMain: queues until started, carries structured clones, says when the other end is gone. */
export class MessagePortMain extends EventEmitter {
  #peer: PortPeer | null = null;
  #isStarted = false;
  #isClosed = false;
  #waiting: unknown[] = [];
  #early: unknown[] = [];

  postMessage(value: unknown, transfer: unknown[] = []): void {
    if (transfer.length > 0) throw new Error('Transferring ports over a port is not simulated');
    const copy = structuredClone(value);
    if (this.#isClosed) return;
    if (this.#peer) this.#peer.message(copy);
    else this.#early.push(copy);
  }
  start(): void {
    this.#isStarted = true;
    for (const value of this.#waiting.splice(0)) this.emit('message', { data: value, ports: [] });
  }
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#peer?.close();
    queueMicrotask(() => this.emit('close'));
  }

  /** For the simulation: joins this port to its other end. */
  simConnect(peer: PortPeer): void {
    this.#peer = peer;
    for (const value of this.#early.splice(0)) peer.message(value);
  }
  /** For the simulation: a message from the other end. */
  simReceive(value: unknown): void {
    if (this.#isClosed) return;
    if (this.#isStarted) this.emit('message', { data: value, ports: [] });
    else this.#waiting.push(value);
  }
  /** For the simulation: the other end is gone. */
  simPeerClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit('close');
  }
}

const others = new WeakMap<MessagePortMain, MessagePortMain>();

/** Two joined ports; one of them is meant to be handed to a page. */
export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();
  constructor() {
    others.set(this.port1, this.port2);
    others.set(this.port2, this.port1);
  }
}

/** The port that stays here when `port` goes to a page. */
export function otherEnd(port: MessagePortMain): MessagePortMain {
  const other = others.get(port);
  if (!other) throw new Error('This port was transferred already');
  others.delete(port);
  return other;
}
