import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * The static HTTP server of one testbed's repository. Started by the testbed in a network namespace of its own:
 *
 *     node repository-server.ts ADDRESS SERVED INITIAL POOL...
 *
 * A request is answered from SERVED/<client address>/tree, else SERVED/all/tree, else INITIAL; package files from the
 * pools. SERVED/<client address>/behaviour.json (see Behaviour) makes it slow, silent or failing for that host.
 */
export interface Behaviour {
  /** At most so many bytes a second. */
  bytesPerSecond?: number;
  /** Answer every request with this HTTP status. */
  status?: number;
  /** Accept requests and never answer. */
  silent?: boolean;
}

const chunkBytes = 16 * 1024;

async function behaviourFor(served: string, client: string): Promise<Behaviour> {
  try {
    return JSON.parse(await readFile(join(served, client, 'behaviour.json'), 'utf8')) as Behaviour;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

async function firstFile(candidates: readonly string[]) {
  for (const path of candidates) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true) return { path, sizeBytes: found.size, modified: found.mtime };
  }
  return null;
}

async function answer(request: IncomingMessage, response: ServerResponse, folders: Folders): Promise<void> {
  const client = request.socket.remoteAddress ?? '';
  const behaviour = await behaviourFor(folders.served, client);
  if (behaviour.silent === true) return;
  if (behaviour.status !== undefined) {
    response.writeHead(behaviour.status).end();
    return;
  }
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://packages.test').pathname));
  const pooled = /^\/debian(?:-security)?\/pool\/main\/([^/]+\.deb)$/.exec(path)?.[1];
  const roots = [join(folders.served, client, 'tree'), join(folders.served, 'all', 'tree'), folders.initial];
  const found = await firstFile(
    pooled === undefined
      ? roots.map((root) => join(root, path))
      : folders.pools.map((pool) => join(pool, pooled)),
  );
  if (found === null) {
    response.writeHead(404).end();
    return;
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  if (since >= found.modified.getTime()) {
    response.writeHead(304).end();
    return;
  }
  const modified = new Date(Math.ceil(found.modified.getTime() / 1000) * 1000).toUTCString();
  // The rest of a file is only of use to who has the beginning of the same one.
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === modified;
  const start = isSame ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
  const partial = start > 0 && start < found.sizeBytes;
  response.writeHead(partial ? 206 : 200, {
    'Content-Length': found.sizeBytes - (partial ? start : 0),
    'Last-Modified': modified,
    'Accept-Ranges': 'bytes',
    ...(partial ? { 'Content-Range': `bytes ${start}-${found.sizeBytes - 1}/${found.sizeBytes}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const bytesPerSecond = behaviour.bytesPerSecond;
  const size =
    bytesPerSecond === undefined ? chunkBytes : Math.min(chunkBytes, Math.ceil(bytesPerSecond / 4));
  for await (const chunk of createReadStream(found.path, {
    start: partial ? start : 0,
    highWaterMark: size,
  })) {
    if (response.destroyed) return;
    if (!response.write(chunk)) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
    if (bytesPerSecond !== undefined) await delay(((chunk as Buffer).length / bytesPerSecond) * 1000);
  }
  response.end();
}

interface Folders {
  served: string;
  initial: string;
  pools: string[];
}

const [address, served, initial, ...pools] = process.argv.slice(2);
if (address === undefined || served === undefined || initial === undefined || pools.length === 0) {
  throw new Error('usage: repository-server.ts ADDRESS SERVED INITIAL POOL...');
}
createServer((request, response) => {
  answer(request, response, { served, initial, pools }).catch((error: unknown) => {
    console.error(request.url, error);
    response.destroy();
  });
}).listen(80, address);
