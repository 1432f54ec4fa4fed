import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

export interface RendererFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Changes when the file does. */
  readonly etag: string;
  /** The build put a hash of the content into the name: it may be kept for ever. */
  readonly isHashed: boolean;
}

/** The file that a URL path means inside `root`, or null: not ours, not decodable, or outside. `/` is the page. */
export function locate(root: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (!decoded.startsWith('/') || /[\0\\]/.test(decoded)) return null;
  const file = path.join(root, decoded === '/' ? 'index.html' : decoded);
  return file.startsWith(root + path.sep) && path.extname(file) in mimeTypes ? file : null;
}

/** One file of the built page, or null when there is none at that URL path. */
export async function readRendererFile(rendererDir: string, pathname: string): Promise<RendererFile | null> {
  const root = path.resolve(rendererDir);
  const file = locate(root, pathname);
  if (!file) return null;
  try {
    const info = await stat(file);
    if (!info.isFile()) return null;
    return {
      body: new Uint8Array(await readFile(file)),
      type: mimeTypes[path.extname(file)] ?? 'application/octet-stream',
      etag: `"${info.size.toString(36)}-${Math.trunc(info.mtimeMs).toString(36)}"`,
      isHashed: path.relative(root, file).startsWith(`assets${path.sep}`),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw error;
  }
}
