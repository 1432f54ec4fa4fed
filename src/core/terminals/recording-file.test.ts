import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRedactor } from '../redact/redactor.ts';
import { createRecordingFile, measureFile, mendRecording, type RecordingEnd } from './recording-file.ts';

let folder: string;
let path: string;
let nowMs: number;
let ends: RecordingEnd[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeport-cast-'));
  path = join(folder, 'one.cast');
  nowMs = 0;
  ends = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const begin = (secrets: string[] = [], mostBytes = 1_000_000) =>
  createRecordingFile(
    path,
    { columns: 80, rows: 24, title: 'one', startedAtMs: 1_700_000_000_000 },
    createRedactor(secrets),
    (end) => ends.push(end),
    { mostBytes, nowMs: () => nowMs },
  );
const events = () =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string]);

describe('a recording', () => {
  it('is asciicast version 2, with characters whole and sizes in their place', () => {
    const file = begin();
    const bytes = Buffer.from('é✓');
    nowMs = 1500;
    file.output(bytes.subarray(0, 3));
    file.output(bytes.subarray(3));
    nowMs = 2000;
    file.resized(100, 30);
    file.output(Buffer.from('x'));
    expect(file.finish('session')).toEqual({ end: 'session', durationMs: 2000 });
    expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '')).toEqual({
      version: 2,
      width: 80,
      height: 24,
      timestamp: 1_700_000_000,
      title: 'one',
      env: { TERM: 'xterm-256color' },
    });
    expect(events()).toEqual([
      [1.5, 'o', 'é'],
      [1.5, 'o', '✓'],
      [2, 'r', '100x30'],
      [2, 'o', 'x'],
    ]);
  });

  it('holds no secret, wherever the pieces end, not even one that was not finished', () => {
    const file = begin(['topsecret']);
    for (const piece of ['a tops', 'ec', 'ret b ', 'topse']) file.output(Buffer.from(piece));
    file.finish('session');
    const text = events()
      .map(([, , data]) => data)
      .join('');
    expect(text).toBe('a [redacted] b topse');
  });

  it('ends at its bound and says so in itself', () => {
    const file = begin([], 2000);
    for (let index = 0; index < 100; index += 1) file.output(Buffer.from('x'.repeat(100)));
    expect(ends).toEqual(['size']);
    expect(events().at(-1)?.[1]).toBe('m');
    expect(readFileSync(path).byteLength).toBeLessThan(2200);
    file.output(Buffer.from('more'));
    expect(file.finish('session').end).toBe('size');
  });

  it('of a killed process loses its cut line and keeps the rest', async () => {
    const file = begin();
    nowMs = 700;
    file.output(Buffer.from('kept'));
    file.finish('application');
    const whole = readFileSync(path);
    appendFileSync(path, '[9.1,"o","cut in the mid');
    expect(mendRecording(path)).toEqual({ durationMs: 700 });
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect((await measureFile(path)).bytes).toBe(whole.byteLength);
  });
});
