import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '../../shared/domain/errors.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Listens on this computer. @throws AppError forward_port_in_use, forward_port_denied, forward_address_unusable */
export function listenHere(
  address: string,
  port: number,
  onSocket: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onSocket);
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = codeOf(error);
      const kind =
        code === 'EADDRINUSE'
          ? 'forward_port_in_use'
          : code === 'EACCES' || code === 'EPERM'
            ? 'forward_port_denied'
            : 'forward_address_unusable';
      reject(
        new AppError(
          kind,
          `${address}:${port}: ${code}`,
          { host: address, targetPort: port },
          { cause: error },
        ),
      );
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined); // a socket that could not be accepted is its client's failure
      resolve(server);
    });
  });
}

/** A connection of this computer to where a remote forward leads. @throws AppError forward_unreachable */
export function connectHere(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, signal });
    socket.once('error', (error) => {
      reject(
        new AppError(
          'forward_unreachable',
          `${host}:${port}: ${codeOf(error)}`,
          { host, targetPort: port, answer: codeOf(error) },
          { cause: error },
        ),
      );
    });
    socket.once('connect', () => {
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
