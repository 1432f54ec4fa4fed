import { afterEach, describe, expect, it } from 'vitest';
import { checkCron, cronProblem, dueUntil, nextAfter, nextDates } from './cron.ts';

const dates = (cron: string, zone: string, from: string, count: number) =>
  nextDates(cron, zone, new Date(from), count).map((date) => date.toISOString().slice(0, 16));

describe('daylight saving', () => {
  it.each([
    // The clock skips the time: right after the gap, then as usual.
    ['30 2 * * *', 'Europe/Paris', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08T07:00', '2026-03-09T06:30']],
    // Half an hour only: 02:15 is skipped, 02:30 is what follows.
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', ['2026-10-03T15:30', '2026-10-04T15:15']],
    // The time comes twice: the first counts, once.
    ['30 2 * * *', 'Europe/Paris', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T05:30', '2026-11-02T06:30']],
    ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00Z', ['2026-04-04T14:45', '2026-04-05T15:15']],
    // A pattern of intervals knows no gap and no second time: every half hour is one.
    ['*/30 * * * *', 'Europe/Paris', '2026-03-29T00:01Z', ['2026-03-29T00:30', '2026-03-29T01:00']],
    [
      '*/30 * * * *',
      'Europe/Paris',
      '2026-10-25T00:01Z',
      ['2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30', '2026-10-25T02:00'],
    ],
    // A zone that is half an hour off the others and knows no summer time.
    ['0 3 * * *', 'Asia/Kolkata', '2026-03-28T22:00Z', ['2026-03-29T21:30', '2026-03-30T21:30']],
  ])('%s in %s from %s', (cron, zone, from, expected) => {
    expect(dates(cron, zone, from, expected.length)).toEqual(expected);
  });

  it('does not come again when it is asked within the hour that comes twice', () => {
    for (const within of ['2026-10-25T00:30:00Z', '2026-10-25T00:45:00Z', '2026-10-25T01:29:59Z']) {
      expect(nextAfter('30 2 * * *', 'Europe/Paris', new Date(within))?.toISOString()).toBe(
        '2026-10-26T01:30:00.000Z',
      );
    }
  });
});

describe('the zone of this computer', () => {
  const own = process.env['TZ'];
  afterEach(() => {
    if (own === undefined) delete process.env['TZ'];
    else process.env['TZ'] = own;
  });
  it('does not matter', () => {
    const made = ['UTC', 'Pacific/Auckland', 'America/Los_Angeles'].map((zone) => {
      process.env['TZ'] = zone;
      return dates('0 2 1 * *', 'Europe/Paris', '2026-11-26T09:00Z', 3);
    });
    expect(made[1]).toEqual(made[0]);
    expect(made[2]).toEqual(made[0]);
  });
});

describe('due moments of a time that has passed', () => {
  const paris = (first: string, now: string) =>
    dueUntil('0 * * * *', 'Europe/Paris', new Date(first), new Date(now));
  it('counts those before the last one', () => {
    expect(paris('2026-10-24T20:00Z', '2026-10-24T20:00Z')).toEqual({
      last: new Date('2026-10-24T20:00Z'),
      before: 0,
    });
    // Through the hour that comes twice: 25 hours a day.
    expect(paris('2026-10-24T22:00Z', '2026-10-25T23:30Z')).toEqual({
      last: new Date('2026-10-25T23:00Z'),
      before: 25,
    });
  });
  it('finds the last one also where there are too many to count', () => {
    const { last, before } = paris('2020-01-01T00:00Z', '2026-11-26T09:12Z');
    expect(last).toEqual(new Date('2026-11-26T09:00Z'));
    expect(before).toBeGreaterThan(1_000);
  });
});

describe('what cannot be used', () => {
  const now = new Date('2026-11-26T09:00Z');
  it.each([
    ['', 'Europe/Paris', 'pattern'],
    ['* * * *', 'Europe/Paris', 'pattern'],
    ['0 0 * * * *', 'Europe/Paris', 'pattern'],
    ['@daily', 'Europe/Paris', 'pattern'],
    ['61 * * * *', 'Europe/Paris', 'pattern'],
    ['0 0 31 2 *', 'Europe/Paris', 'never'],
    ['0 2 * * *', 'Europe/Atlantis', 'timezone'],
    ['0 2 * * *', '+02:00', 'timezone'],
    ['0 2 * * *', '', 'timezone'],
    ['0 2 L * *', 'Europe/Paris', null],
    ['0 2 * * 1#1', 'UTC', null],
  ])('%s in %s: %s', (cron, zone, problem) => {
    expect(cronProblem(cron, zone, now)).toBe(problem);
    if (problem !== null) expect(() => checkCron(cron, zone, now)).toThrow('cannot be used');
  });
});
