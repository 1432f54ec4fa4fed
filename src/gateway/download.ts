import type { Core } from '../core/index.ts';
import { downloadPath } from '../core/files/index.ts';
import { securityHeaders } from './policy.ts';

export type FindDownload = Core['findDownload'];

export interface DownloadAnswer {
  readonly status: 200 | 206 | 404 | 416;
  readonly headers: Record<string, string>;
  /** Begins to read when it is asked for the first piece; null: no body. */
  readonly body: ((signal: AbortSignal) => AsyncGenerator<Uint8Array>) | null;
}

export const isDownloadPath = (pathname: string): boolean => pathname.startsWith(downloadPath);

/** One open range, `bytes=<from>-`, which is what a browser asks for to go on (RFC 9110, section 14); else null. */
function rangeFrom(range: string | null): number | null {
  const from = /^bytes=(\d+)-$/.exec(range ?? '')?.[1];
  return from === undefined ? null : Number(from);
}

/**
 * What both hosts answer to `/download/<ticket>/<name>`: the file of a machine as an attachment, never shown as a page. The rest
 * of one that broke is given while the file is still the same; what has no size yet is given from its beginning only.
 */
export function answerDownload(
  find: FindDownload,
  pathname: string,
  request: { readonly range: string | null; readonly ifRange: string | null; readonly isHead: boolean },
): DownloadAnswer {
  const download = find(pathname.slice(downloadPath.length).split('/')[0] ?? '');
  const common = { ...securityHeaders(), 'Cache-Control': 'no-store' };
  if (!download) return { status: 404, headers: common, body: null };
  const { sizeBytes, etag } = download;
  const attachment = {
    ...common,
    'Content-Type': 'application/octet-stream',
    // RFC 6266: the plain name for old programs, the real one as UTF-8.
    'Content-Disposition': `attachment; filename="${download.fileName.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')}"; filename*=UTF-8''${encodeName(download.fileName)}`,
  };
  if (sizeBytes === null || etag === null) {
    const headers = { ...attachment, 'Accept-Ranges': 'none' };
    return { status: 200, headers, body: request.isHead ? null : (signal) => download.read(0, signal) };
  }
  const isSame = request.ifRange === null || request.ifRange === etag;
  const from = isSame ? rangeFrom(request.range) : null;
  if (from !== null && from >= sizeBytes && from > 0) {
    return { status: 416, headers: { ...common, 'Content-Range': `bytes */${sizeBytes}` }, body: null };
  }
  const offset = from ?? 0;
  const isPart = from !== null;
  const headers: Record<string, string> = {
    ...attachment,
    'Content-Length': String(sizeBytes - offset),
    'Accept-Ranges': 'bytes',
    ETag: etag,
    ...(isPart ? { 'Content-Range': `bytes ${offset}-${sizeBytes - 1}/${sizeBytes}` } : {}),
  };
  return {
    status: isPart ? 206 : 200,
    headers,
    body: request.isHead ? null : (signal) => download.read(offset, signal),
  };
}

/** RFC 8187: what encodeURIComponent leaves and the grammar does not. */
const encodeName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
