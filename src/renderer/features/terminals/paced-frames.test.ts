import { expect, it } from 'vitest';
import { pacedFrames, paceStyle, type Frames } from './paced-frames.ts';

/** A browser of which the time stands until it is moved: 16 ms a frame. */
function browser() {
  let nowMs = 1_000;
  let handles = 0;
  const frames = new Map<number, FrameRequestCallback>();
  const timers = new Map<number, { work: () => void; atMs: number }>();
  const given: Frames = {
    nowMs: () => nowMs,
    requestFrame(draw) {
      handles += 1;
      frames.set(handles, draw);
      return handles;
    },
    cancelFrame: (handle) => void frames.delete(handle),
    startTimer(work, delayMs) {
      handles += 1;
      timers.set(handles, { work, atMs: nowMs + delayMs });
      return handles;
    },
    stopTimer: (handle) => void timers.delete(handle),
  };
  return {
    given,
    frame() {
      nowMs += 16;
      for (const [handle, { work, atMs }] of timers) {
        if (atMs > nowMs) continue;
        timers.delete(handle);
        work();
      }
      const due = [...frames.values()];
      frames.clear();
      for (const draw of due) draw(nowMs);
    },
    get isIdle() {
      return frames.size === 0 && timers.size === 0;
    },
  };
}

/** How often it is drawn in so many frames, with so many bytes before each. */
function drawnIn(frames: number, bytesEach: number): number {
  const page = browser();
  const paced = pacedFrames(page.given);
  let drawn = 0;
  let isAsked = false;
  for (let turn = 0; turn < frames; turn += 1) {
    paced.took(bytesEach);
    if (!isAsked) {
      isAsked = true;
      paced.request(() => {
        drawn += 1;
        isAsked = false;
      });
    }
    page.frame();
  }
  return drawn;
}

it('draws what a person can read in every frame', () => {
  expect(drawnIn(60, 4_000)).toBe(60);
  // A program that paints the whole of a large screen anew each time.
  expect(drawnIn(60, 100_000)).toBe(60);
});

it('draws a flood about ten times a second', () => {
  const drawn = drawnIn(63, 140_000);
  expect(drawn).toBeGreaterThanOrEqual(7);
  expect(drawn).toBeLessThanOrEqual(11);
});

it('draws all that a page can take five times a second', () => {
  const drawn = drawnIn(63, 700_000);
  expect(drawn).toBeGreaterThanOrEqual(4);
  expect(drawn).toBeLessThanOrEqual(6);
});

it('draws soon after a key, also what waits already', () => {
  const page = browser();
  const paced = pacedFrames(page.given);
  let drawn = 0;
  const ask = (): void => {
    paced.request(() => {
      drawn += 1;
      ask();
    });
  };
  ask();
  page.frame();
  expect(drawn).toBe(1);
  paced.took(2_000_000);
  page.frame();
  page.frame();
  expect(drawn).toBe(1);
  paced.hurry();
  page.frame();
  page.frame();
  expect(drawn).toBe(2);
  for (let turn = 0; turn < 12; turn += 1) {
    paced.took(700_000);
    page.frame();
  }
  expect(drawn).toBeGreaterThanOrEqual(4);
  // When the key is forgotten it is a flood like others.
  for (let turn = 0; turn < 40; turn += 1) page.frame();
  const before = drawn;
  for (let turn = 0; turn < 32; turn += 1) {
    paced.took(700_000);
    page.frame();
  }
  expect(drawn - before).toBeLessThanOrEqual(4);
});

it('draws the end of a flood without anything more coming', () => {
  const page = browser();
  const paced = pacedFrames(page.given);
  let drawn = 0;
  const draw = (): void => {
    drawn += 1;
  };
  paced.request(draw);
  page.frame();
  paced.took(1_000_000);
  paced.request(draw);
  page.frame();
  expect(drawn).toBe(1);
  for (let turn = 0; turn < 12; turn += 1) page.frame();
  expect(drawn).toBe(2);
  expect(page.isIdle).toBe(true);
});

it('takes back what was asked for, whether it waits for a frame or for its time', () => {
  const page = browser();
  const paced = pacedFrames(page.given);
  const fail = (): void => {
    throw new Error('drawn');
  };
  paced.cancel(paced.request(fail));
  expect(page.isIdle).toBe(true);
  paced.request(() => undefined);
  page.frame();
  paced.took(1_000_000);
  const late = paced.request(fail);
  page.frame();
  paced.cancel(late);
  expect(page.isIdle).toBe(true);
  paced.cancel(late);
});

it('sets a style at once, and in a flood with the frame that is drawn', () => {
  const page = browser();
  const paced = pacedFrames(page.given);
  const set: string[] = [];
  const bare: Record<string, string> = {};
  const style = new Proxy(bare, {
    set(target, name, value: string) {
      set.push(`${String(name)}=${value}`);
      target[String(name)] = value;
      return true;
    },
  });
  const element = { style };
  paceStyle(element as unknown as HTMLElement, paced);
  element.style.left = '1px';
  expect(set).toEqual(['left=1px']);
  paced.request(() => undefined);
  page.frame();
  paced.took(1_000_000);
  element.style.left = '2px';
  element.style.left = '3px';
  element.style.top = '4px';
  page.frame();
  expect(set).toEqual(['left=1px']);
  for (let turn = 0; turn < 12; turn += 1) page.frame();
  expect(set).toEqual(['left=1px', 'left=3px', 'top=4px']);
  // Whoever asks gets what was set last.
  paced.took(1_000_000);
  element.style.left = '5px';
  expect(element.style.left).toBe('5px');
});
