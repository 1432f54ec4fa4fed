import { describe, expect, it } from 'vitest';
import { cronOfTiming, newTiming, timingOfCron, type Timing } from './timing.ts';

describe('timings and patterns', () => {
  it.each([
    ['30 2 * * *', { kind: 'daily', time: '02:30' }],
    ['0 3 * * 1,5,0', { kind: 'weekly', days: ['1', '5', '0'], time: '03:00' }],
    ['5 4 15 * *', { kind: 'monthly', monthBy: 'day', monthDay: '15', time: '04:05' }],
    ['0 3 L * *', { kind: 'monthly', monthBy: 'last' }],
    ['0 3 * * 2#1', { kind: 'monthly', monthBy: 'nth', monthWeekday: '2', monthNth: '1' }],
    ['15 */6 * * *', { kind: 'hours', everyHours: '6', minute: '15' }],
    ['0 * * * *', { kind: 'hours', everyHours: '1', minute: '0' }],
    ['*/30 * * * *', { kind: 'minutes', everyMinutes: '30' }],
    ['* * * * *', { kind: 'minutes', everyMinutes: '1' }],
  ] satisfies [string, Partial<Timing>][])('%s goes there and back', (cron, expected) => {
    const timing = timingOfCron(cron);
    expect(timing).toMatchObject(expected);
    expect(cronOfTiming(timing)).toEqual({ cron });
  });

  it.each([
    '0 2 1 1 *',
    '0 2 1 * 1',
    '*/7 * * * *',
    '0 */5 * * *',
    '0 2 * * mon-fri',
    '0 9-17 * * *',
    'x',
    '',
  ])('%s stays a pattern', (cron) => {
    expect(timingOfCron(cron)).toMatchObject({ kind: 'cron', cron });
    expect(cronOfTiming(timingOfCron(cron))).toEqual({ cron });
  });

  it('takes Sunday as 7 as well', () => {
    expect(cronOfTiming(timingOfCron('0 3 * * 7'))).toEqual({ cron: '0 3 * * 0' });
  });

  it.each([
    [{ kind: 'weekly', days: [] }, 'days'],
    [{ kind: 'daily', time: '24:00' }, 'time'],
    [{ kind: 'monthly', monthBy: 'day', monthDay: '32' }, 'monthDay'],
    [{ kind: 'hours', everyHours: '5' }, 'hours'],
    [{ kind: 'hours', minute: '60' }, 'minute'],
    [{ kind: 'minutes', everyMinutes: '45' }, 'minutes'],
  ] satisfies [Partial<Timing>, string][])('says which field is wrong: %j', (part, problem) => {
    expect(cronOfTiming({ ...newTiming(), ...part })).toEqual({ problem });
  });
});
