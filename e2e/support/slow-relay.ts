import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface SlowRelay {
  readonly port: number;
  /** Cuts every connection, as a router that forgets does: without a word. */
  cut(): void;
  close(): Promise<void>;
}

export interface LinkQuality {
  /** Each way. */
  readonly delayMs: number;
  readonly bytesPerSecond: number;
  /** One piece in so many is held back as if it had been lost and sent again. */
  readonly lossOneIn: number;
  readonly retransmitMs: number;
}

/**
 * A bad link in user space, for kernels without sch_netem: TCP on 127.0.0.1 that passes everything on to a host late, slowly
 * and with the pauses that lost packets make. The order stays, as TCP keeps it. Losses are periodic, not random, so that a
 * failing test fails again.
 */
export async function openSlowRelay(
  target: { address: string; port: number },
  quality: LinkQuality,
): Promise<SlowRelay> {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const later = (delayMs: number, work: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, delayMs);
    timers.add(timer);
  };

  function pass(from: Socket, to: Socket): void {
    // One queue and one timer at a time: two timers of nearly the same time need not end in order.
    const queue: { at: number; piece: Buffer }[] = [];
    let freeAt = 0;
    let pieces = 0;
    const deliver = (): void => {
      const [head] = queue;
      if (!head) return;
      const waitMs = head.at - performance.now();
      if (waitMs > 0) {
        later(waitMs, deliver);
        return;
      }
      queue.shift();
      to.write(head.piece);
      deliver();
    };
    from.on('data', (piece: Buffer) => {
      const lostMs = ++pieces % quality.lossOneIn === 0 ? quality.retransmitMs : 0;
      freeAt =
        Math.max(freeAt, performance.now()) + (piece.byteLength / quality.bytesPerSecond) * 1000 + lostMs;
      from.pause();
      later(freeAt - performance.now(), () => from.resume());
      queue.push({ at: freeAt + quality.delayMs, piece });
      if (queue.length === 1) deliver();
    });
    from.on('close', () => later(quality.delayMs, () => to.destroy()));
    from.on('error', () => from.destroy());
  }

  const server = createServer((near) => {
    const far = connect(target.port, target.address);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: () =>
      new Promise((done) => {
        for (const timer of timers) clearTimeout(timer);
        cut();
        server.close(() => done());
      }),
  };
}
