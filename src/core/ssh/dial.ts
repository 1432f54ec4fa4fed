import { lookup, type LookupAddress } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';
import { abortError, orAborted } from './deadline.ts';
import { dialFailure } from './failures.ts';
import type { SshTarget } from './types.ts';

/** All addresses of the target's name, in the resolver's order. @throws AppError ssh_name_unresolved */
export async function resolveAddresses(
  target: SshTarget,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const hostname = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  const answer = new Promise<readonly LookupAddress[]>((resolve, reject) => {
    lookup(hostname, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error) reject(dialFailure(target, error));
      else if (addresses.length === 0) {
        reject(dialFailure(target, Object.assign(new Error('no address'), { code: 'ENODATA' })));
      } else resolve(addresses);
    });
  });
  return orAborted(answer, signal);
}

/**
 * A TCP connection to the first address that answers.
 * @throws AppError ssh_connection_refused, ssh_unreachable, ssh_timeout
 */
export function dial(
  target: SshTarget,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError(signal));
      return;
    }
    const socket = connect({
      host: target.hostname,
      port: target.port,
      noDelay: true,
      autoSelectFamily: true,
      lookup: (_hostname, options, callback) => {
        // Resolved already: the step "resolve" is timed and reported on its own.
        const first = addresses[0];
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family);
      },
    });
    const onAbort = () => {
      socket.destroy();
      reject(abortError(signal));
    };
    const onError = (error: Error) => {
      signal.removeEventListener('abort', onAbort);
      reject(dialFailure(target, error));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      // The SSH layer attaches its own listener in a later tick; an error in between must not be an uncaught one.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
