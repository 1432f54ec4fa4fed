/** An asciicast as its format says, read strictly: what is not of version 2 is an error. */
export interface Asciicast {
  readonly header: Readonly<Record<string, unknown>>;
  readonly events: readonly (readonly [seconds: number, code: string, data: string])[];
  /** What was shown, joined. */
  readonly output: string;
}

const isSize = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0;

/**
 * Reads an asciicast of version 2 (https://docs.asciinema.org/manual/asciicast/v2/): a header of JSON with `version`, `width` and
 * `height`, then a line an event, `[seconds, code, data]`, with times that never go back and UTF-8 throughout. @throws Error naming the line
 */
export function readAsciicast(bytes: Uint8Array): Asciicast {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (!text.endsWith('\n')) throw new Error('The last line has no end');
  const [first = '', ...rest] = text.slice(0, -1).split('\n');
  const header = JSON.parse(first) as Record<string, unknown>;
  if (header['version'] !== 2 || !isSize(header['width']) || !isSize(header['height']))
    throw new Error(`No header of version 2: ${first}`);
  if ('timestamp' in header && !isSize(header['timestamp'])) throw new Error(`No timestamp: ${first}`);
  let last = 0;
  const events = rest.map((line, index) => {
    const event: unknown = JSON.parse(line);
    const where = `Line ${index + 2}: ${line.slice(0, 120)}`;
    if (!Array.isArray(event) || event.length !== 3) throw new Error(`${where}: no event of three`);
    const [seconds, code, data] = event as unknown[];
    if (typeof seconds !== 'number' || !(seconds >= last)) throw new Error(`${where}: time goes back`);
    if (typeof code !== 'string' || !/^[oimr]$/.test(code)) throw new Error(`${where}: no known code`);
    if (typeof data !== 'string') throw new Error(`${where}: no text`);
    if (code === 'r' && !/^[1-9]\d*x[1-9]\d*$/.test(data)) throw new Error(`${where}: no size`);
    last = seconds;
    return [seconds, code, data] as const;
  });
  const output = events.flatMap(([, code, data]) => (code === 'o' ? [data] : [])).join('');
  return { header, events, output };
}
