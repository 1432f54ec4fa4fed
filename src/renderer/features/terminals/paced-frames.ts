/** More than this between two frames is a flood: about fifteen screens of text, which nobody reads. */
const floodBytes = 128 * 1024;
/** How often the screen is drawn then. */
const floodFrameMs = 100;
/** More than this before such a frame is due: all the page can do, or near it. Half of the frames less gain a tenth. */
const torrentBytes = 1024 * 1024;
const torrentFrameMs = 200;
/** For so long after a key a person looks at what it did. */
const watchedMs = 300;
const watchedFrameMs = 50;

/** When one terminal draws. */
export interface PacedFrames {
  /** As `requestAnimationFrame`, but a flood is drawn five to ten times a second, and oftener after a key. */
  readonly request: (draw: FrameRequestCallback) => number;
  readonly cancel: (handle: number) => void;
  /** So many bytes were put on the screen. */
  took(bytes: number): void;
  /** A person pressed a key: what comes next is drawn soon. */
  hurry(): void;
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
  /** More than enough came between the last two frames: so it may go on, and no frame of the browser is spent on looking. */
  let wasFlood = false;
  let drawnAtMs = -torrentFrameMs;
  let watchedUntilMs = -Infinity;
  let lastHandle = 0;
  const waiting = new Map<number, FrameRequestCallback>();
  /** Takes back the one frame or timer that all who wait share. */
  let unschedule: (() => void) | null = null;

  const frameMs = (): number => {
    if (frames.nowMs() < watchedUntilMs) return watchedFrameMs;
    return bytes > torrentBytes ? torrentFrameMs : floodFrameMs;
  };
  /** For how long nothing is drawn yet; 0 outside a flood. */
  const heldBackMs = (isFlood = bytes > floodBytes): number =>
    isFlood ? Math.max(0, drawnAtMs + frameMs() - frames.nowMs()) : 0;

  const draw = (timeMs: number): void => {
    unschedule = null;
    wasFlood = bytes > floodBytes;
    bytes = 0;
    drawnAtMs = frames.nowMs();
    const due = [...waiting.values()];
    waiting.clear();
    for (const one of due) one(timeMs);
  };
  const drawWhenDue = (timeMs: number): void => {
    const earlyMs = heldBackMs();
    if (earlyMs > 0) drawIn(earlyMs);
    else draw(timeMs);
  };
  const drawIn = (delayMs: number): void => {
    const timer = frames.startTimer(() => {
      drawWhenDue(frames.nowMs());
    }, delayMs);
    unschedule = () => {
      frames.stopTimer(timer);
    };
  };
  const schedule = (): void => {
    const expectedMs = heldBackMs(wasFlood);
    if (expectedMs > 0) {
      drawIn(expectedMs);
      return;
    }
    const frame = frames.requestFrame(drawWhenDue);
    unschedule = () => {
      frames.cancelFrame(frame);
    };
  };

  return {
    request(work) {
      lastHandle += 1;
      waiting.set(lastHandle, work);
      if (unschedule === null) schedule();
      return lastHandle;
    },
    cancel(handle) {
      if (!waiting.delete(handle) || waiting.size > 0) return;
      unschedule?.();
      unschedule = null;
    },
    took(count) {
      bytes += count;
    },
    hurry() {
      watchedUntilMs = frames.nowMs() + watchedMs;
      if (unschedule === null) return;
      unschedule();
      schedule();
    },
    get isHeldBack() {
      return heldBackMs(wasFlood || bytes > floodBytes) > 0;
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
