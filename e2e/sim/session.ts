import { EventEmitter } from 'node:events';
import { state } from './state.ts';

type Handler = (request: Request) => Response | Promise<Response>;

const privileged = new Set<string>();
const handlers = new Map<string, Handler>();

/** Schemes that a handler serves now. */
export const servedSchemes = (): ReadonlySet<string> => new Set(handlers.keys());

/** What the application answers to a request for one of its own schemes. */
export async function serveScheme(
  url: string,
  init: { method: string; headers: Record<string, string> },
  signal?: AbortSignal,
) {
  const handler = handlers.get(URL.parse(url)?.protocol.slice(0, -1) ?? '');
  if (!handler) return new Response('', { status: 404 });
  return handler(new Request(url, { ...init, ...(signal && { signal }) }));
}

const handle = (scheme: string, handler: Handler): void => {
  if (!state.isReady) throw new Error('protocol.handle() is for after the app is ready');
  if (!privileged.has(scheme)) throw new Error(`${scheme}: was not registered as a standard scheme`);
  if (handlers.has(scheme)) throw new Error(`${scheme}: is handled already`);
  handlers.set(scheme, handler);
};

export const protocol = {
  registerSchemesAsPrivileged(schemes: { scheme: string; privileges?: { standard?: boolean } }[]): void {
    if (state.isReady) {
      throw new Error('protocol.registerSchemesAsPrivileged() is for before the app is ready');
    }
    for (const { scheme, privileges } of schemes) if (privileges?.standard) privileged.add(scheme);
  },
  handle,
};

class Session extends EventEmitter {
  readonly protocol = { handle };
  // Headless Chromium grants nothing by itself; what the application would grant is not simulated.
  setPermissionRequestHandler(_handler: unknown): void {}
  setPermissionCheckHandler(_handler: unknown): void {}
  setDevicePermissionHandler(_handler: unknown): void {}
}

const defaultSession = new Session();
export const session = {
  get defaultSession(): Session {
    if (!state.isReady) throw new Error('Session can only be received when app is ready');
    return defaultSession;
  },
};
