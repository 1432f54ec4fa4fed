import { protocol, type Session } from 'electron';
import { readRendererFile } from '../gateway/renderer-files.ts';
import { securityHeaders } from '../gateway/policy.ts';
import { isOwnUrl, scheme } from './origin.ts';

/** Before the app is ready: `app:` is a scheme with an origin, like https. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built page on `app://homeport/`. */
export function servePage(session: Session, rendererDir: string): void {
  const answer = (
    status: number,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Response => new Response(body, { status, headers: { ...securityHeaders(), ...headers } });

  session.protocol.handle(scheme, async (request) => {
    if (!isOwnUrl(request.url) || (request.method !== 'GET' && request.method !== 'HEAD')) {
      return answer(403, 'Not allowed');
    }
    const file = await readRendererFile(rendererDir, new URL(request.url).pathname);
    if (!file) return answer(404, 'Not found');
    return answer(200, file.body, { 'Content-Type': file.type, 'Cache-Control': 'no-cache' });
  });
}
