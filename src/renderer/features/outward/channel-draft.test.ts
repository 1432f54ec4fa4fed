import { describe, expect, it } from 'vitest';
import { outwardConfig, type OutwardChannel } from '../../../shared/contract/outward.ts';
import { isAllowedAddress } from '../../../shared/domain/outward-address.ts';
import { configOf, draftOf, filterOf, newDraft, problemsOf, secretOf } from './channel-draft.ts';

const stored = (url: string): OutwardChannel => ({
  id: '01900000-0000-7000-8000-000000000000',
  kind: 'ntfy',
  name: 'phone',
  enabled: true,
  config: { kind: 'ntfy', url, priority: 'high' },
  filter: { kinds: ['run_failed'], severity: 'warning', tagIds: [] },
  hasSecret: true,
  waiting: 0,
  waitsForVault: false,
  nextAttemptAt: null,
  givenUp: 0,
  lastSentAt: null,
  lastFailedAt: null,
  lastError: null,
});

describe('the draft of a channel', () => {
  it('comes back as it was stored', () => {
    const channel = stored('https://ntfy.sh/machines');
    const draft = draftOf(channel);
    expect(configOf(draft)).toEqual(channel.config);
    expect(filterOf(draft)).toEqual(channel.filter);
    expect(secretOf(draft)).toBeUndefined();
    expect(problemsOf(draft, channel)).toEqual({});
  });

  it('is taken by the contract exactly when it has no problems', () => {
    const mail = {
      kind: 'email',
      host: 'smtp.example.org',
      from: 'a@example.org',
      to: 'b@example.org; c@example.org',
    } as const;
    const good = { ...newDraft(), name: 'n', ...mail };
    expect(problemsOf(good, null)).toEqual({});
    expect(outwardConfig.safeParse(configOf(good)).success).toBe(true);
    const bad = { ...good, to: 'nobody', port: '0' };
    expect(problemsOf(bad, null)).toEqual({ to: 'email', port: 'required' });
    expect(outwardConfig.safeParse(configOf(bad)).success).toBe(false);
    for (const url of [
      'http://ntfy.example/topic',
      'https://ntfy.sh/',
      'https://u:p@ntfy.sh/t',
      'ntfy.sh/t',
      '',
    ]) {
      const draft = { ...newDraft(), name: 'n', url };
      expect(problemsOf(draft, null), url).toEqual({ url: 'url' });
      expect(outwardConfig.safeParse(configOf(draft)).success, url).toBe(false);
    }
  });

  it('does not take a stored secret to another server', () => {
    const channel = stored('https://ntfy.sh/machines');
    const moved = { ...draftOf(channel), url: 'https://other.example/machines' };
    expect(problemsOf(moved, channel)).toEqual({ secret: 'elsewhere' });
    expect(problemsOf({ ...moved, secret: 'new' }, channel)).toEqual({});
    expect(secretOf({ ...moved, isSecretRemoved: true })).toBeNull();
  });
});

it('only https leaves this computer', () => {
  const allowed = [
    'https://example.org/x',
    'http://127.0.0.1:8080',
    'http://localhost/x',
    'http://[::1]:1/',
    'http://127.1/',
  ];
  const refused = [
    'http://example.org',
    'http://127.0.0.1.example.org',
    'http://10.0.0.1',
    'ftp://localhost',
    'file:///etc',
    'x',
  ];
  expect(allowed.filter((url) => !isAllowedAddress(url))).toEqual([]);
  expect(refused.filter(isAllowedAddress)).toEqual([]);
});
