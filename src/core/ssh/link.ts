import { AppError } from '../../shared/domain/errors.ts';
import { addressOf, printable } from './failures.ts';
import type { Lease } from './route.ts';
import type { SshLink, SshTarget } from './types.ts';

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, section 5.1): the server allows no forwarding there. */
const prohibited = 1;

/** A share of a connection as forwards use it. */
export function createLink(held: Lease, target: SshTarget): SshLink {
  const { connection } = held;
  return {
    async connect(host, port, signal) {
      try {
        return await connection.stream(host, port, signal);
      } catch (error) {
        if (error instanceof AppError) throw error;
        if (connection.lost !== null) throw connection.lost;
        const reason = error instanceof Error && 'reason' in error ? error.reason : null;
        throw new AppError(
          reason === prohibited ? 'forward_prohibited' : 'forward_unreachable',
          `${target.name}: no stream to ${host}:${port}`,
          {
            ...addressOf(target),
            host,
            targetPort: port,
            answer: printable(error instanceof Error ? error.message : ''),
          },
          { cause: error },
        );
      }
    },
    async listen(address, port, onStream) {
      try {
        return await connection.listen(address, port, onStream);
      } catch (error) {
        if (error instanceof AppError) throw error;
        if (connection.lost !== null) throw connection.lost;
        throw new AppError(
          'forward_refused',
          `${target.name}: it does not listen on ${address}:${port}`,
          {
            ...addressOf(target),
            host: address,
            targetPort: port,
            answer: printable(error instanceof Error ? error.message : ''),
          },
          { cause: error },
        );
      }
    },
    onLost: (callback) => connection.onLost(callback),
    release() {
      held.release();
    },
  };
}
