import { sizeOf, timesOf, type Cast } from './cast.ts';

/** Where a recording is shown: a terminal that takes text and sizes, and can be begun anew. */
export interface PlayScreen {
  write(text: string, taken?: () => void): void;
  resize(columns: number, rows: number): void;
  reset(): void;
}

/** Written at once at most while a position is sought: the page stays alive. */
const mostAtOnce = 256 * 1024;

/** Plays a recording on a screen: its clock, its position, and the way to another one. */
export class Playback {
  readonly #cast: Cast;
  readonly #screen: PlayScreen;
  #times: readonly number[];
  /** Events that are on the screen. */
  #shown = 0;
  #frame: number | undefined;
  #lastMs = 0;
  #round = 0;
  isPlaying = $state(false);
  positionMs = $state(0);
  speed = $state(1);
  durationMs = $state(0);
  mostIdleMs = $state<number | null>(null);

  constructor(cast: Cast, screen: PlayScreen, mostIdleMs: number | null) {
    this.#cast = cast;
    this.#screen = screen;
    this.mostIdleMs = mostIdleMs;
    this.#times = timesOf(cast, mostIdleMs);
    this.durationMs = this.#times.at(-1) ?? 0;
    this.#begin();
  }

  play(): void {
    if (this.isPlaying) return;
    if (this.positionMs >= this.durationMs) void this.seek(0);
    this.isPlaying = true;
    this.#lastMs = performance.now();
    this.#frame = requestAnimationFrame(this.#tick);
  }
  pause(): void {
    this.isPlaying = false;
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }
  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** Shows the screen as it was at that time; backwards it is made again from the beginning. */
  async seek(positionMs: number): Promise<void> {
    const mine = ++this.#round;
    const toMs = Math.max(0, Math.min(this.durationMs, positionMs));
    this.positionMs = toMs;
    const before = this.#times[this.#shown - 1] ?? -1;
    if (toMs < before) this.#begin();
    while (mine === this.#round && this.#nextMs() <= toMs) {
      await new Promise<void>((taken) => {
        this.#showUntil(toMs, taken);
      });
    }
    this.#lastMs = performance.now();
  }

  /** Other pauses: the position stays at the same event. */
  setIdle(mostIdleMs: number | null): void {
    const at = this.#shown;
    this.mostIdleMs = mostIdleMs;
    this.#times = timesOf(this.#cast, mostIdleMs);
    this.durationMs = this.#times.at(-1) ?? 0;
    this.positionMs = this.#times[at - 1] ?? 0;
  }
  dispose(): void {
    this.#round += 1;
    this.pause();
  }

  #begin(): void {
    this.#shown = 0;
    this.#screen.reset();
    this.#screen.resize(this.#cast.columns, this.#cast.rows);
  }
  #nextMs(): number {
    return this.#times[this.#shown] ?? Infinity;
  }
  readonly #tick = (): void => {
    if (!this.isPlaying) return;
    const nowMs = performance.now();
    this.positionMs = Math.min(this.durationMs, this.positionMs + (nowMs - this.#lastMs) * this.speed);
    this.#lastMs = nowMs;
    this.#showUntil(this.positionMs);
    if (this.positionMs >= this.durationMs && this.#nextMs() === Infinity) this.pause();
    else this.#frame = requestAnimationFrame(this.#tick);
  };
  /** Shows events up to that time, as much as goes at once. */
  #showUntil(toMs: number, taken?: () => void): void {
    let text = '';
    while (this.#nextMs() <= toMs && text.length < mostAtOnce) {
      const event = this.#cast.events[this.#shown];
      this.#shown += 1;
      if (event?.code === 'o') text += event.data;
      const size = event?.code === 'r' ? sizeOf(event.data) : null;
      if (!size) continue;
      // What came before the new size was laid out in the old one.
      if (text !== '') this.#screen.write(text);
      text = '';
      this.#screen.resize(size.columns, size.rows);
    }
    if (text !== '' || taken) this.#screen.write(text, taken);
  }
}
