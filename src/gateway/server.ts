import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Log } from '../core/context.ts';
import type { Dispatch } from '../shared/wire/dispatch.ts';
import { maxMessageBytes } from '../shared/wire/messages.ts';
import { serveWire, type ServedWire } from '../shared/wire/server.ts';
import { socketTransport } from '../shared/wire/websocket-transport.ts';
import { answerDownload, isDownloadPath, type FindDownload } from './download.ts';
import { isOwnPeer } from './peer.ts';
import { plainPage, openedPage } from './pages.ts';
import { securityHeaders } from './policy.ts';
import { readRendererFile } from './renderer-files.ts';
import { createSessions, isSameSecret } from './sessions.ts';

const maxClients = 64;
const closeWithinMs = 1_000;

export interface GatewayOptions {
  readonly dispatch: Dispatch;
  readonly findDownload: FindDownload;
  readonly rendererDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Who presents this may ask for a launch URL: the same user's second start reads it from a private file. */
  readonly controlSecret: string;
  readonly log: Log;
}

export interface Gateway {
  readonly port: number;
  /** A URL that opens the interface once. */
  newLaunchUrl(): string;
  /** Ends every connection and the listening socket. */
  close(): Promise<void>;
}

/** Serves the interface and its wire on 127.0.0.1, to whoever holds a launch URL. @throws the listen error (EADDRINUSE, EACCES) */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log } = options;
  const sessions = createSessions();
  const wires = new Map<WebSocket, ServedWire>();
  const http = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000, headersTimeout: 10_000 });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });
  http.listen(options.port, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const cookieName = `homeport-${port}`;

  const newLaunchUrl = (): string => `http://${hosts[0]}/open?t=${sessions.newLaunchToken()}`;

  // A page elsewhere whose name was made to resolve to 127.0.0.1 still sends its own name (DNS rebinding).
  const isOurHost = (request: IncomingMessage): boolean => hosts.includes(request.headers.host ?? '');
  const isOurOrigin = (request: IncomingMessage): boolean =>
    request.headers.origin === `http://${request.headers.host}`;
  const hasSession = (request: IncomingMessage): boolean =>
    (request.headers.cookie ?? '').split(';').some((pair) => {
      const [name, value] = pair.trim().split('=');
      return name === cookieName && value !== undefined && sessions.isValid(value);
    });

  const answer = (
    response: ServerResponse,
    status: number,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ): void => {
    response.writeHead(status, {
      ...securityHeaders(hosts.map((host) => `ws://${host}`)),
      'Cache-Control': 'no-store',
      'Content-Type': 'text/html; charset=utf-8',
      ...(status === 304 ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
    });
    response.end(response.req.method === 'HEAD' || status === 304 ? undefined : body);
  };

  const openSession = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const isOwn = await isOwnPeer(request.socket.remotePort ?? 0, port);
    const session = isOwn ? sessions.redeem(url.searchParams.get('t') ?? '') : null;
    if (!session) {
      answer(response, 403, plainPage('linkUsed'));
      return;
    }
    answer(response, 200, openedPage(), {
      'Set-Cookie': `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
    });
  };

  const giveLaunchUrl = (request: IncomingMessage, response: ServerResponse): void => {
    // A browser adds Origin to every POST; the second start does not.
    const isAllowed =
      request.headers.origin === undefined &&
      isSameSecret(request.headers.authorization ?? '', `Bearer ${options.controlSecret}`);
    if (!isAllowed) answer(response, 403, plainPage('notAllowed'));
    else answer(response, 200, newLaunchUrl(), { 'Content-Type': 'text/plain; charset=utf-8' });
  };

  const serveFile = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (!hasSession(request)) {
      answer(response, 401, plainPage('noSession'));
      return;
    }
    const file = await readRendererFile(options.rendererDir, url.pathname);
    if (!file) {
      answer(response, 404, plainPage('notFound'));
      return;
    }
    const caching = {
      'Cache-Control': file.isHashed ? 'private, max-age=31536000, immutable' : 'no-cache',
      ETag: file.etag,
    };
    if (request.headers['if-none-match'] === file.etag) answer(response, 304, '', caching);
    else answer(response, 200, file.body, { ...caching, 'Content-Type': file.type });
  };

  /** The file of a machine. What fails after it began breaks the connection: the browser must not take a part for the whole. */
  const serveDownload = async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> => {
    if (!hasSession(request)) {
      answer(response, 401, plainPage('noSession'));
      return;
    }
    const { status, headers, body } = answerDownload(options.findDownload, url.pathname, {
      range: request.headers.range ?? null,
      ifRange: request.headers['if-range']?.toString() ?? null,
      isHead: request.method === 'HEAD',
    });
    if (status === 404) {
      answer(response, 404, plainPage('notFound'));
      return;
    }
    response.writeHead(status, headers);
    if (body === null) {
      response.end();
      return;
    }
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    await pipeline(Readable.from(body(left.signal), { objectMode: false }), response).catch(
      (error: unknown) => {
        log.info('A download ended early', { error });
      },
    );
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurHost(request)) {
      answer(response, 421, plainPage('notAllowed'));
      return;
    }
    const url = URL.parse(request.url ?? '', `http://${hosts[0]}`);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!url) answer(response, 400, plainPage('notFound'));
    else if (url.pathname === '/launch' && request.method === 'POST') giveLaunchUrl(request, response);
    else if (!isRead) answer(response, 405, plainPage('notAllowed'), { Allow: 'GET, HEAD' });
    // HEAD would use the token up without opening anything.
    else if (url.pathname === '/open' && request.method === 'GET') await openSession(request, response, url);
    else if (isDownloadPath(url.pathname)) await serveDownload(request, response, url);
    else await serveFile(request, response, url);
  };

  http.on('request', (request, response) => {
    // No route reads a body.
    request.resume();
    serve(request, response).catch((error: unknown) => {
      log.error('The browser host failed on a request', { error });
      if (response.headersSent) response.destroy();
      else answer(response, 500, plainPage('failed'));
    });
  });

  const refuse = (socket: Duplex, status: string): void => {
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  };
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const isAllowed =
      request.url === '/ws' && isOurHost(request) && isOurOrigin(request) && hasSession(request);
    if (!isAllowed) refuse(socket, '403 Forbidden');
    else if (wires.size >= maxClients) refuse(socket, '503 Service Unavailable');
    else {
      sockets.handleUpgrade(request, socket, head, (client) => {
        // A frame that is too large or broken: ws closes the socket itself, and the wire with it.
        client.on('error', (error) => {
          log.info('A browser connection failed', { error });
        });
        client.on('close', () => wires.delete(client));
        const fail = (message: string, details: Record<string, unknown>): void => {
          log.error(message, details);
        };
        wires.set(client, serveWire(socketTransport(client), options.dispatch, 'web', fail));
      });
    }
  });

  return {
    port,
    newLaunchUrl,
    async close() {
      const closed = once(http, 'close');
      http.close();
      for (const wire of wires.values()) wire.close('Homeport is stopping');
      const timer = setTimeout(() => {
        for (const client of wires.keys()) client.terminate();
        http.closeAllConnections();
      }, closeWithinMs);
      http.closeIdleConnections();
      await closed;
      clearTimeout(timer);
      sockets.close();
    },
  };
}
