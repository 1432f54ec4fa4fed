import { protocol, type Session } from 'electron';
import { answerDownload, isDownloadPath, type FindDownload } from '../gateway/download.ts';
import { readRendererFile } from '../gateway/renderer-files.ts';
import { securityHeaders } from '../gateway/policy.ts';
import { isOwnUrl, scheme } from './origin.ts';
import type { PrintDocuments } from './print-pdf.ts';

/** Before the app is ready: `app:` is a scheme with an origin, like https. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built page on `app://homeport/`, and what is being printed on `app://document/`. */
export function servePage(
  session: Session,
  rendererDir: string,
  documents: PrintDocuments,
  findDownload: FindDownload,
): void {
  const answer = (
    status: number,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Response => new Response(body, { status, headers: { ...securityHeaders(), ...headers } });

  session.protocol.handle(scheme, async (request) => {
    const printed = request.method === 'GET' ? documents.find(request.url) : null;
    if (printed !== null) {
      // Its own policy stands in the page and allows less than ours: no script, and its one style by hash.
      return new Response(printed, {
        headers: { 'Content-Type': 'text/html; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
      });
    }
    if (!isOwnUrl(request.url) || (request.method !== 'GET' && request.method !== 'HEAD')) {
      return answer(403, 'Not allowed');
    }
    const { pathname } = new URL(request.url);
    if (isDownloadPath(pathname)) {
      const { status, headers, body } = answerDownload(findDownload, pathname, {
        range: request.headers.get('range'),
        ifRange: request.headers.get('if-range'),
        isHead: request.method === 'HEAD',
      });
      if (body === null) return new Response(null, { status, headers });
      return new Response(ReadableStream.from(body(request.signal)), { status, headers });
    }
    const file = await readRendererFile(rendererDir, pathname);
    if (!file) return answer(404, 'Not found');
    return answer(200, file.body, { 'Content-Type': file.type, 'Cache-Control': 'no-cache' });
  });
}
