import { contract, type HomeportClient } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { createClient } from '../../shared/wire/client.ts';
import { electronHostName, portMessage, portWanted } from '../../shared/wire/page-port.ts';
import { portTransport } from '../../shared/wire/port-transport.ts';
import type { Transport } from '../../shared/wire/transport.ts';
import { webSocketTransport } from '../../shared/wire/websocket-transport.ts';
import { connection } from './state/connection.svelte.ts';

const firstDelayMs = 250;
const longestDelayMs = 8_000;
/** A wire that opens but never answers is as good as none. */
const answerWithinMs = 10_000;

let client: HomeportClient | null = null;
/** The wire that was opened last; what older ones still say does not matter. */
let newest: Transport | null = null;
let attempts = 0;
let wasConnected = false;
let retry: ReturnType<typeof setTimeout> | undefined;
const waiting: ((client: HomeportClient) => void)[] = [];
const listeners = new Set<(client: HomeportClient) => void>();

/** The client of the wire that is up now, or null. */
export const currentClient = (): HomeportClient | null => client;

/** The client once there is one. While the wire is lost it fails at once: what a person pressed must not act later. */
export function connectedClient(): Promise<HomeportClient> {
  if (client) return Promise.resolve(client);
  if (wasConnected) {
    return Promise.reject(new AppError('disconnected', 'The connection to the core is lost'));
  }
  return new Promise((resolve) => waiting.push(resolve));
}

/** Calls `listener` with the client of each wire that comes up, now and later. Returns the way to stop. */
export function onClient(listener: (client: HomeportClient) => void): () => void {
  listeners.add(listener);
  if (client) listener(client);
  return () => listeners.delete(listener);
}

/** Connects to the core and stays connected, with a growing delay between attempts. */
export function startLink(): void {
  addEventListener('online', retryNow);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) retryNow();
  });
  if (window.homeportHost === electronHostName) listenForPorts();
  else attach(webSocketTransport(webSocketUrl()));
}

function webSocketUrl(): URL {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return url;
}

function listenForPorts(): void {
  addEventListener('message', (event: MessageEvent<unknown>) => {
    const [port] = event.ports;
    if (event.source === window && event.data === portMessage && port) attach(portTransport(port));
  });
  window.postMessage(portWanted, location.origin);
}

function attach(transport: Transport): void {
  clearTimeout(retry);
  retry = undefined;
  newest = transport;
  const made = createClient(contract, transport);
  const tooLate = setTimeout(() => transport.close('no answer'), answerWithinMs);
  transport.onClose(() => {
    clearTimeout(tooLate);
    if (newest !== transport) return;
    client = null;
    connection.report(wasConnected || attempts > 1 ? 'lost' : 'connecting');
    scheduleRetry();
  });
  // The wire is up when the core has answered anything at all, be it an error.
  made['app.info']({}).then(
    () => becomeCurrent(made, transport, tooLate),
    (error: unknown) => {
      if (error instanceof AppError && error.code === 'disconnected') return;
      becomeCurrent(made, transport, tooLate);
    },
  );
}

function becomeCurrent(
  made: HomeportClient,
  transport: Transport,
  tooLate: ReturnType<typeof setTimeout>,
): void {
  clearTimeout(tooLate);
  if (newest !== transport) return;
  client = made;
  attempts = 0;
  wasConnected = true;
  connection.report('connected');
  for (const resolve of waiting.splice(0)) resolve(made);
  for (const listener of listeners) listener(made);
}

function scheduleRetry(): void {
  clearTimeout(retry);
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempts);
  attempts += 1;
  retry = setTimeout(connectAgain, delayMs);
}

function connectAgain(): void {
  retry = undefined;
  if (window.homeportHost === electronHostName) {
    window.postMessage(portWanted, location.origin);
    scheduleRetry();
  } else attach(webSocketTransport(webSocketUrl()));
}

function retryNow(): void {
  if (retry === undefined || client) return;
  clearTimeout(retry);
  connectAgain();
}
