import { describe, expect, it } from 'vitest';
import { draftProblems, emptyDraft, machineInputOf } from './machine-draft.ts';

describe('machine draft', () => {
  it('names every field that is wrong', () => {
    expect(draftProblems(emptyDraft())).toEqual({ hostname: 'required', username: 'required' });
    expect(draftProblems({ ...emptyDraft(), hostname: 'a b', port: '0', username: 'x:y' })).toEqual({
      hostname: 'host',
      port: 'port',
      username: 'user',
    });
    expect(draftProblems({ ...emptyDraft(), hostname: 'nas', port: '2e1', username: 'root' })).toEqual({
      port: 'port',
    });
  });

  it('takes the host name where no name is given', () => {
    expect(machineInputOf({ ...emptyDraft(), hostname: ' nas.lan ', username: 'root' })).toMatchObject({
      name: 'nas.lan',
      hostname: 'nas.lan',
      port: 22,
      jumpMachineId: null,
    });
  });
});
