import type { ByteStream } from '../../../shared/contract/define.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';
import { createLogStore, type LogStore } from './log-store.ts';

export type LogPhase = 'reading' | 'ended' | 'failed';

export interface LogFollower {
  readonly store: LogStore;
  /** Grows with each batch of bytes, at most once a frame: read it to see the store anew. */
  readonly version: number;
  readonly phase: LogPhase;
  readonly error: AppError | null;
  /** Reads on from where the store ends. Returns the way to stop; after a lost connection it is called again. */
  read(): () => void;
  /** Fetches blocks that were put away. */
  load(blocks: readonly number[]): Promise<void>;
  /** The bytes of the log as they are, up to what has been received. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/** So much is indexed before the page may draw again. */
const pauseEveryBytes = 512 * 1024;

/** Follows the log of one run: history first, then live, until the run has ended. */
export function createLogFollower(id: string): LogFollower {
  const store = createLogStore();
  let version = $state(0);
  let phase = $state<LogPhase>('reading');
  let error = $state.raw<AppError | null>(null);
  let frame: number | undefined;
  // Nothing is drawn from it, so it is not reactive.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- see above
  const loading = new Map<number, Promise<void>>();

  function bump(): void {
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      version += 1;
    });
  }

  async function follow(signal: AbortSignal, opened: (stream: ByteStream) => void): Promise<void> {
    try {
      const stream = api['executions.log']({ id, offset: store.sizeBytes }, { signal });
      opened(stream);
      let sincePause = 0;
      for await (const chunk of stream) {
        if (signal.aborted) return;
        store.append(chunk);
        bump();
        sincePause += chunk.length;
        if (sincePause >= pauseEveryBytes) {
          sincePause = 0;
          await nextTask();
          if (signal.aborted) return;
        }
      }
      if (!signal.aborted) phase = 'ended';
    } catch (thrown) {
      const failure = toAppError(thrown);
      if (signal.aborted || failure.code === 'disconnected' || failure.code === 'cancelled') return;
      error = failure;
      phase = 'failed';
    } finally {
      bump();
    }
  }

  /** Reads `length` bytes from `offset` on a stream of their own. */
  async function readRange(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    if (length === 0) return bytes;
    const stream = api['executions.log']({ id, offset });
    let filled = 0;
    try {
      for await (const chunk of stream) {
        const piece = chunk.subarray(0, length - filled);
        bytes.set(piece, filled);
        filled += piece.length;
        if (filled >= length) break;
      }
    } finally {
      stream.close();
    }
    return bytes.subarray(0, filled);
  }

  function loadBlock(block: number): Promise<void> {
    const present = loading.get(block);
    if (present) return present;
    const { offset, length } = store.blockRange(block);
    const work = readRange(offset, length)
      .then((bytes) => {
        if (bytes.length === length) store.restore(block, bytes);
        bump();
      })
      .finally(() => loading.delete(block));
    loading.set(block, work);
    return work;
  }

  return {
    store,
    get version() {
      return version;
    },
    get phase() {
      return phase;
    },
    get error() {
      return error;
    },
    read() {
      const abort = new AbortController();
      let stream: ByteStream | undefined;
      if (phase === 'failed') {
        phase = 'reading';
        error = null;
      }
      if (phase !== 'ended') void follow(abort.signal, (opened) => (stream = opened));
      return () => {
        abort.abort();
        stream?.close();
      };
    },
    async load(blocks) {
      await Promise.all(blocks.map(loadBlock));
    },
    bytes: () => readRange(0, store.sizeBytes),
  };
}

export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
