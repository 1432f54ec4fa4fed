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

  it('asks for the address of a proxy only where one is used, and takes no password in it', () => {
    const draft = { ...emptyDraft(), hostname: 'nas', username: 'root' };
    expect(draftProblems({ ...draft, aptProxyUrl: 'nonsense' })).toEqual({});
    expect(machineInputOf({ ...draft, aptProxyUrl: 'nonsense' }).aptProxyUrl).toBeNull();
    expect(draftProblems({ ...draft, aptProxyMode: 'runtime' })).toEqual({ aptProxyUrl: 'proxyRequired' });
    for (const aptProxyUrl of ['proxy:3142', 'http://me:secret@proxy:3142', 'http://a b']) {
      expect(draftProblems({ ...draft, aptProxyMode: 'persistent', aptProxyUrl })).toEqual({
        aptProxyUrl: 'proxyUrl',
      });
    }
    const good = { ...draft, aptProxyMode: 'persistent', aptProxyUrl: ' http://proxy.lan:3142 ' } as const;
    expect(draftProblems(good)).toEqual({});
    expect(machineInputOf(good)).toMatchObject({
      aptProxyMode: 'persistent',
      aptProxyUrl: 'http://proxy.lan:3142',
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
