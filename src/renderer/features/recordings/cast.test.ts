import { describe, expect, it } from 'vitest';
import { readCast, sizeOf, timesOf } from './cast.ts';

const header = '{"version":2,"width":100,"height":30}';

describe('a recording', () => {
  it('is read line by line; a broken line is counted and left out', () => {
    const cast = readCast(
      `${header}\n[0.5,"o","a"]\n[1,"r","80x24"]\n[2.25,"o","b"]\nnonsense\n[3,"x","?"]\n`,
    );
    expect(cast).toMatchObject({ columns: 100, rows: 30, durationMs: 2250, damaged: 2 });
    expect(cast.events).toHaveLength(3);
    expect(() => readCast('{"version":1}')).toThrow();
  });

  it('has sizes that a screen can have', () => {
    expect(sizeOf('80x24')).toEqual({ columns: 80, rows: 24 });
    expect([sizeOf('99999x1'), sizeOf('a'), sizeOf('-1x-1')]).toEqual([null, null, null]);
  });

  it('can be played with shorter pauses, and no event comes before another', () => {
    const cast = readCast(`${header}\n[1,"o","a"]\n[61,"o","b"]\n[61.5,"o","c"]\n`);
    expect(timesOf(cast, null)).toEqual([1000, 61_000, 61_500]);
    expect(timesOf(cast, 2000)).toEqual([1000, 3000, 3500]);
  });
});
