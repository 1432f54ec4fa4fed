import { describe, expect, it } from 'vitest';
import type { ImportCandidate } from '../../../shared/contract/models.ts';
import { knownKey } from './known-keys.ts';

const candidate: ImportCandidate = {
  alias: 'nas',
  hostname: 'nas.lan',
  port: 22,
  username: null,
  identityFile: null,
  proxyJump: [],
  source: 'known_hosts',
  knownHostKeys: [{ keyType: 'ssh-ed25519', fingerprintSha256: 'SHA256:good' }],
  alreadyAdded: false,
};
const key = { hostname: 'NAS.lan', port: 22, keyType: 'ssh-ed25519', fingerprintSha256: 'SHA256:good' };

describe('known_hosts', () => {
  it('trusts exactly the key that it has', () => {
    expect(knownKey(key, [candidate])).toBe('trusted');
    expect(knownKey({ ...key, fingerprintSha256: 'SHA256:evil' }, [candidate])).toBe('differs');
  });

  it('knows nothing of another port, host or key type', () => {
    expect(knownKey({ ...key, port: 2222 }, [candidate])).toBe('unknown');
    expect(knownKey({ ...key, hostname: 'nas' }, [candidate])).toBe('unknown');
    expect(knownKey({ ...key, keyType: 'ssh-rsa', fingerprintSha256: 'SHA256:other' }, [candidate])).toBe(
      'unknown',
    );
  });
});
