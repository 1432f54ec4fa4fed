/** What a recording holds, read from asciicast version 2 (https://docs.asciinema.org/manual/asciicast/v2/). */
export interface Cast {
  readonly columns: number;
  readonly rows: number;
  readonly events: readonly CastEvent[];
  /** Of the last event. */
  readonly durationMs: number;
  /** Lines that were no events. */
  readonly damaged: number;
}
export interface CastEvent {
  readonly atMs: number;
  /** `o`: shown by the machine · `r`: the terminal's new size · `m`: a mark. */
  readonly code: 'o' | 'r' | 'm';
  readonly data: string;
}

const isCell = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 2 && value <= most;

function eventOf(line: string): CastEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!Array.isArray(value)) return null;
    const [seconds, code, data] = value as unknown[];
    if (typeof seconds !== 'number' || seconds < 0 || typeof data !== 'string') return null;
    if (code !== 'o' && code !== 'r' && code !== 'm') return null;
    return { atMs: Math.round(seconds * 1000), code, data };
  } catch {
    return null;
  }
}

/** @throws Error when it is no recording at all; single broken lines are counted and left out */
export function readCast(text: string): Cast {
  const lines = text.split('\n').filter((line) => line !== '');
  const header: unknown = JSON.parse(lines[0] ?? '');
  const { version, width, height } = header as Record<string, unknown>;
  if (version !== 2) throw new Error('Not asciicast version 2');
  const events: CastEvent[] = [];
  let damaged = 0;
  for (const line of lines.slice(1)) {
    const event = eventOf(line);
    if (event) events.push(event);
    else damaged += 1;
  }
  return {
    columns: isCell(width, 1000) ? width : 80,
    rows: isCell(height, 500) ? height : 24,
    events,
    durationMs: events.at(-1)?.atMs ?? 0,
    damaged,
  };
}

/** The size in an `r` event, `80x24`; null when it is none. */
export function sizeOf(data: string): { columns: number; rows: number } | null {
  const [columns, rows] = data.split('x').map(Number);
  return isCell(columns, 1000) && isCell(rows, 500) ? { columns, rows } : null;
}

/** Times of the events when no pause lasts longer than `mostIdleMs`; null: as they were. */
export function timesOf(cast: Cast, mostIdleMs: number | null): readonly number[] {
  let lastMs = 0;
  let shiftMs = 0;
  return cast.events.map(({ atMs }) => {
    const pauseMs = atMs - lastMs;
    if (mostIdleMs !== null && pauseMs > mostIdleMs) shiftMs += pauseMs - mostIdleMs;
    lastMs = Math.max(lastMs, atMs);
    return atMs - shiftMs;
  });
}
