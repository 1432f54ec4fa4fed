/** More than this between two frames is a flood: about fifteen screens of text, which nobody reads. */
const floodBytes = 128 * 1024;
/** How often the screen is drawn then. */
const floodFrameMs = 100;

/** When one terminal draws. */
export interface PacedFrames {
  /** As `requestAnimationFrame`, but a flood is drawn ten times a second. */
  readonly request: (draw: FrameRequestCallback) => number;
  readonly cancel: (handle: number) => void;
  /** So many bytes were put on the screen. */
  took(bytes: number): void;
  /** The next frame is waited for longer than usual. */
  readonly isHeldBack: boolean;
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

  /** For how long nothing is drawn yet; 0 outside a flood. */
  const heldBackMs = (): number =>
    bytes > floodBytes ? Math.max(0, drawnAtMs + floodFrameMs - frames.nowMs()) : 0;

  const next = (handle: number, draw: FrameRequestCallback): void => {
    const frame = frames.requestFrame((timeMs) => {
      const earlyMs = heldBackMs();
      if (earlyMs > 0) {
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
    get isHeldBack() {
      return heldBackMs() > 0;
    },
  };
}

/** For xterm: the page's window in all but its frames. */
export function windowWithFrames(frames: PacedFrames): Window & typeof globalThis {
  return new Proxy(window, {
    get(target, name) {
      if (name === 'requestAnimationFrame') return frames.request;
      if (name === 'cancelAnimationFrame') return frames.cancel;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/**
 * xterm moves the field in which one types to the cursor after all that it parses, which has the page laid out and painted
 * anew each time. In a flood the field follows when the screen is drawn; else at once, as menus and input methods need it.
 */
export function paceStyle(element: HTMLElement, frames: PacedFrames): void {
  const { style } = element;
  const waiting = new Map<string, string>();
  const settle = (): void => {
    for (const [name, value] of waiting) Reflect.set(style, name, value);
    waiting.clear();
  };
  const paced = new Proxy(style, {
    get(target, name) {
      settle();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set(target, name, value) {
      if (typeof name !== 'string' || typeof value !== 'string' || !frames.isHeldBack) {
        settle();
        return Reflect.set(target, name, value, target);
      }
      if (waiting.size === 0) frames.request(settle);
      waiting.set(name, value);
      return true;
    },
  });
  Object.defineProperty(element, 'style', { value: paced, configurable: true });
}
