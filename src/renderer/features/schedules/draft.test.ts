import { describe, expect, it } from 'vitest';
import { scheduleInput, type Schedule } from '../../../shared/contract/schedules.ts';
import {
  choiceOf,
  conditionsOf,
  draftOf,
  inputOfDraft,
  newDraft,
  scopeOfDraft,
  stepChoices,
  stepOf,
} from './draft.ts';

const named = { ...newDraft('Europe/Paris'), name: ' Nightly ' };
const id = '018f0000-0000-7000-8000-000000000000';

describe('the draft of a schedule', () => {
  it('is what the core takes, and comes back as it was', () => {
    const made = inputOfDraft({
      ...named,
      scopeBy: 'filter',
      tagIds: [id],
      kinds: ['vm'],
      exceptTagIds: [id],
      window: '90',
    });
    if (!('input' in made)) throw new Error(made.problems.join());
    const input = scheduleInput.parse(made.input);
    expect(input).toMatchObject({ name: 'Nightly', windowMinutes: 90, wave: { sizes: [1, 5, 20] } });
    const schedule: Schedule = { ...input, id, enabled: true, nextRunAt: null, lastRun: null, armed: 0 };
    expect(inputOfDraft(draftOf(schedule))).toEqual({ input });
  });

  it('keeps a search, and the saved view that it goes by', () => {
    const view = { id, name: 'Rack' };
    expect(scopeOfDraft({ ...named, scopeBy: 'search', query: ' web -staging ' })).toEqual({
      by: 'search',
      query: 'web -staging',
      filter: 'machines',
      exceptTagIds: [],
    });
    // Nothing said is not everything.
    expect(inputOfDraft({ ...named, scopeBy: 'search', query: ' ' })).toEqual({ problems: ['filter'] });
    expect(inputOfDraft({ ...named, scopeBy: 'view' })).toEqual({ problems: ['view'] });
    for (const draft of [
      { ...named, scopeBy: 'view' as const, view },
      { ...named, scopeBy: 'search' as const, figure: 'withSecurity' as const },
    ]) {
      const made = inputOfDraft(draft);
      if (!('input' in made)) throw new Error(made.problems.join());
      const input = scheduleInput.parse(made.input);
      const schedule: Schedule = { ...input, id, enabled: true, nextRunAt: null, lastRun: null, armed: 0 };
      expect(inputOfDraft(draftOf(schedule))).toEqual({ input });
    }
  });

  it('offers an upgrade of the security updates alone, which is its own condition', () => {
    const step = stepOf('security.apt_upgrade');
    expect(step).toEqual({ action: 'apt_upgrade', condition: 'if_security', packages: 'security' });
    expect(conditionsOf(step)).toEqual(['if_security']);
    for (const choice of stepChoices) expect(choiceOf(stepOf(choice))).toBe(choice);
    expect(stepOf('reboot')).toEqual({ action: 'reboot', condition: 'if_reboot_needed' });
  });

  it('says everything that has to be mended', () => {
    const wrong = inputOfDraft({
      ...named,
      name: ' ',
      scopeBy: 'machines',
      concurrency: '0',
      waves: { ...named.waves, way: 'percent', percent: '0' },
      timing: { ...named.timing, kind: 'daily', time: '' },
      steps: [{ action: 'apt_autoremove', condition: 'always' }],
    });
    expect(wrong).toEqual({ problems: ['name', 'timing', 'scope', 'waves', 'concurrency', 'removals'] });
  });

  it('never takes an empty filter for all machines', () => {
    expect(scopeOfDraft({ ...named, scopeBy: 'filter', search: '  ' })).toBeNull();
    expect(inputOfDraft({ ...named, scopeBy: 'filter' })).toEqual({ problems: ['filter'] });
  });
});
