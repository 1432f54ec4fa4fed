/** Pure geometry of a small curve over time; x and y are in a box of `width` by `height`, y downwards. */

export interface Sample {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Null: not told at that time. */
  readonly value: number | null;
}

export interface Curve {
  /** One path of SVG for each stretch without a hole; a lone point is a path of no length. */
  readonly lines: readonly string[];
  /** The same stretches, closed down to the ground. */
  readonly areas: readonly string[];
  readonly last: { readonly x: number; readonly y: number } | null;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Where the curve of the samples between two times runs; null where there is none. `top` is the value of the upper edge. */
export function curveOf(
  samples: readonly Sample[],
  range: { readonly fromMs: number; readonly toMs: number; readonly top: number },
  box: { readonly width: number; readonly height: number },
): Curve | null {
  const { fromMs, toMs, top } = range;
  const within = samples.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs);
  const known = within.flatMap(({ value }) => (value === null ? [] : [value]));
  if (known.length === 0 || toMs <= fromMs || top <= 0) return null;
  const x = (timeMs: number): number => round(((timeMs - fromMs) / (toMs - fromMs)) * box.width);
  const y = (value: number): number => round(box.height * (1 - Math.min(1, Math.max(0, value / top))));
  const stretches: { x: number; y: number }[][] = [[]];
  for (const { timeMs, value } of within) {
    if (value === null) stretches.push([]);
    else stretches.at(-1)?.push({ x: x(timeMs), y: y(value) });
  }
  const drawn = stretches.filter((points) => points.length > 0);
  const lines = drawn.map((points) => {
    const path = points.map((point, i) => `${i === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('');
    return points.length === 1 ? `${path}h0` : path;
  });
  const areas = drawn
    .filter((points) => points.length > 1)
    .map((points) => {
      const first = points[0]!;
      const end = points.at(-1)!;
      const path = points.map((point) => `L${point.x} ${point.y}`).join('');
      return `M${first.x} ${box.height}${path}L${end.x} ${box.height}Z`;
    });
  return {
    lines,
    areas,
    last: drawn.at(-1)?.at(-1) ?? null,
    min: Math.min(...known),
    max: Math.max(...known),
    count: known.length,
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The upper edge for a load: the processors, or more where it was more, in whole numbers. */
export function loadTop(samples: readonly Sample[], threads: number | null): number {
  const highest = samples.reduce((max, { value }) => Math.max(max, value ?? 0), 0);
  return Math.max(1, threads ?? 0, Math.ceil(highest));
}
