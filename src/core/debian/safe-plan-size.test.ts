import { describe, expect, it } from 'vitest';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import { safeDownloadBytes } from './safe-plan-size.ts';

const one = (name: string, targetVersion: string, more: Partial<AptPackage> = {}): AptPackage => ({
  name,
  currentVersion: '1',
  targetVersion,
  origin: 'Debian:13/stable',
  arch: 'amd64',
  operation: 'upgrade',
  ...more,
});
const uris = `Reading package lists...
'http://deb.test/pool/main/b/bash/bash_5.2-1_amd64.deb' bash_5.2-1_amd64.deb 1000 SHA256:ab
'http://deb.test/pool/main/t/tzdata/tzdata_2026a-1_all.deb' tzdata_2026a-1_all.deb 20 SHA256:cd
'https://deb.test/pool/main/v/vim/vim_9.1.0%2bx-1_i386.deb' vim_2%3a9.1.0+x-1_i386.deb 300 SHA256:ef
'file:/srv/local/own_1.0_amd64.deb' own_1.0_amd64.deb 5000 SHA256:01
'http://deb.test/pool/main/l/linux/linux-image-6.12_6.12.1_amd64.deb' linux-image-6.12_6.12.1_amd64.deb 90000 SHA256:23
After this operation, 12.3 MB of additional disk space will be used.
`;
const bash = one('bash', '5.2-1');
const tzdata = one('tzdata', '2026a-1', { arch: 'all' });
const vim = one('vim', '2:9.1.0+x-1', { arch: 'i386' });
const own = one('own', '1.0');
const kernel = one('linux-image-6.12', '6.12.1', { currentVersion: null, operation: 'install' });
const cached = one('cached', '7');
const gone = one('exim4', '1', { operation: 'remove' });
const full = [bash, tzdata, vim, own, kernel, cached, gone];

describe('the download of the safe plan', () => {
  it('is the sum over its packages: local archives and what is in the cache count nothing', () => {
    expect(safeDownloadBytes(uris, full, [bash, tzdata, vim, own, cached])).toBe(1320);
    expect(safeDownloadBytes(uris, full, full)).toBe(91_320);
    expect(safeDownloadBytes(uris, full, [])).toBe(0);
  });

  it('is unknown where it brings anything that the full plan does not', () => {
    expect(safeDownloadBytes(uris, full, [bash, one('other', '1')])).toBeNull();
    expect(safeDownloadBytes(uris, full, [one('bash', '5.1-1')])).toBeNull();
    expect(safeDownloadBytes(uris, full, [one('bash', '5.2-1', { arch: 'i386' })])).toBeNull();
    // What the full plan removes it does not bring.
    expect(safeDownloadBytes(uris, full, [one('exim4', '1')])).toBeNull();
    const { arch: _, ...unnamed } = bash;
    expect(safeDownloadBytes(uris, [unnamed], [unnamed])).toBeNull();
  });

  it('is unknown where an address cannot be read', () => {
    expect(safeDownloadBytes(`${uris}'http://deb.test/x' odd 12 SHA256:ab\n`, full, [bash])).toBeNull();
    expect(safeDownloadBytes("'http://x/a' a%zz_1_amd64.deb 12 SHA256:ab\n", full, [bash])).toBeNull();
  });
});
