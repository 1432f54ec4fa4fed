/** More than this between two frames is a flood: about fifteen screens of text, which nobody reads. */
const floodBytes = 128 * 1024;
/** How often the screen is drawn then. */
const floodFrameMs = 100;

/** When one terminal draws. */
export interface PacedFrames {
  /** As `requestAnimationFrame`, but a flood is drawn ten times a second. */
  request(draw: FrameRequestCallback): number;
  cancel(handle: number): void;
  /** So many bytes were put on the screen. */
  took(bytes: number): void;
}

/** Where time and frames come from. */
export interface Frames {
  nowMs(): number;
  requestFrame(draw: FrameRequestCallback): number;
  cancelFrame(handle: number): void;
  startTimer(work: () => void, delayMs: number): number;
  stopTimer(handle: number): void;
}

const ofBrowser: Frames = {
  nowMs: () => performance.now(),
  requestFrame: (draw) => requestAnimationFrame(draw),
  cancelFrame: (handle) => {
    cancelAnimationFrame(handle);
  },
  startTimer: (work, delayMs) => window.setTimeout(work, delayMs),
  stopTimer: (handle) => {
    window.clearTimeout(handle);
  },
};

/**
 * Drawing each frame of a flood costs the page more than reading it does (measured by bench/terminal-product.ts: 520 frames
 * and four of seven seconds for 100 MB), and holds up the host.
 */
export function pacedFrames(frames: Frames = ofBrowser): PacedFrames {
  let bytes = 0;
  let drawnAtMs = -floodFrameMs;
  let lastHandle = 0;
  /** How to take back each request that was not drawn yet. */
  const waiting = new Map<number, () => void>();

  const next = (handle: number, draw: FrameRequestCallback): void => {
    const frame = frames.requestFrame((timeMs) => {
      const earlyMs = floodFrameMs - (frames.nowMs() - drawnAtMs);
      if (bytes > floodBytes && earlyMs > 0) {
        const timer = frames.startTimer(() => {
          next(handle, draw);
        }, earlyMs);
        waiting.set(handle, () => {
          frames.stopTimer(timer);
        });
        return;
      }
      waiting.delete(handle);
      bytes = 0;
      drawnAtMs = frames.nowMs();
      draw(timeMs);
    });
    waiting.set(handle, () => {
      frames.cancelFrame(frame);
    });
  };

  return {
    request(draw) {
      lastHandle += 1;
      next(lastHandle, draw);
      return lastHandle;
    },
    cancel(handle) {
      waiting.get(handle)?.();
      waiting.delete(handle);
    },
    took(count) {
      bytes += count;
    },
  };
}

/** For xterm: the page's window in all but its frames. */
export function windowWithFrames({ request, cancel }: PacedFrames): Window & typeof globalThis {
  return new Proxy(window, {
    get(target, name) {
      if (name === 'requestAnimationFrame') return request;
      if (name === 'cancelAnimationFrame') return cancel;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
