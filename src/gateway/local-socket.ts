import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../core/context.ts';
import type { Dispatch } from '../shared/wire/dispatch.ts';
import { maxMessageBytes } from '../shared/wire/messages.ts';
import { serveWire } from '../shared/wire/server.ts';
import type { Transport } from '../shared/wire/transport.ts';
import { socketTransport } from '../shared/wire/websocket-transport.ts';

/** unix(7): sun_path has 108 bytes on Linux and 104 on macOS, the closing zero included. */
const mostPathBytes = 100;
const maxClients = 16;
const wirePath = '/wire';

/**
 * Where the running application listens for the command line: in the data directory, which is this user's alone; where
 * that name is too long for a socket, in a directory of this user's own in the system's temporary one.
 */
export function localSocketPath(dataDir: string): string {
  const own = path.join(dataDir, 'homeport.sock');
  if (Buffer.byteLength(own) <= mostPathBytes) return own;
  const name = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 16);
  return path.join(tmpdir(), `homeport-${process.getuid?.() ?? 0}`, `${name}.sock`);
}

/** Whether the directory of a socket is a real one, this user's, and closed to all others. */
function isPrivate(dir: string): boolean {
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}

export interface LocalSocket {
  close(): Promise<void>;
}

/**
 * Serves the contract's `cli` surface on the socket: the file system's rights decide who may (0700 and 0600). Null where
 * there are no such sockets (Windows), or it cannot be made; the application does without it.
 */
export async function serveLocalSocket(options: {
  readonly dataDir: string;
  readonly dispatch: Dispatch;
  readonly log: Log;
}): Promise<LocalSocket | null> {
  const { dispatch, log } = options;
  if (process.platform === 'win32') return null;
  const file = localSocketPath(options.dataDir);
  const http = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });
  const clients = new Set<WebSocket>();
  http.on('request', (_request, response) => {
    response.writeHead(404).end();
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    // A browser cannot open such a socket; what says where it comes from is not our command line.
    if (request.url !== wirePath || request.headers.origin !== undefined || clients.size >= maxClients) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      clients.add(client);
      client.on('close', () => clients.delete(client));
      client.on('error', (error) => log.info('A terminal connection failed', { error }));
      serveWire(socketTransport(client), dispatch, 'cli', (message, details) => log.error(message, details));
    });
  });
  try {
    const dir = path.dirname(file);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (!isPrivate(dir)) throw new Error(`${dir} is open to others`);
    // Whoever holds the database is alone with it: what lies there was left by a process that was killed.
    rmSync(file, { force: true });
    http.listen(file);
    await once(http, 'listening');
    chmodSync(file, 0o600);
  } catch (error) {
    http.close();
    log.error('The command line cannot reach this application', { file, error });
    return null;
  }
  return {
    async close() {
      const closed = once(http, 'close');
      http.close();
      for (const client of clients) client.terminate();
      http.closeAllConnections();
      await closed;
      sockets.close();
      rmSync(file, { force: true });
    },
  };
}

/** The wire to the application that runs on this data directory, or null when none answers. */
export async function connectLocalSocket(dataDir: string): Promise<Transport | null> {
  if (process.platform === 'win32') return null;
  const file = localSocketPath(dataDir);
  if (!isPrivate(path.dirname(file))) return null;
  const client = new WebSocket(`ws://localhost${wirePath}`, {
    createConnection: () => connect(file),
    handshakeTimeout: 5_000,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });
  const isOpen = await new Promise<boolean>((resolve) => {
    client.on('open', () => resolve(true));
    client.on('error', () => resolve(false));
  });
  return isOpen ? socketTransport(client) : null;
}
