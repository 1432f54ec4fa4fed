import { describe, expect, it } from 'vitest';
import { contract } from './index.ts';
import { aptProxyUrlText } from './models.ts';

describe('machines.update', () => {
  it('leaves alone what is not given: no default may set it back', () => {
    const id = '0193a3a0-0000-7000-8000-000000000001';
    expect(contract['machines.update'].input.parse({ id, name: 'new' })).toEqual({ id, name: 'new' });
  });
});

describe('the address of a package proxy', () => {
  it.each(['http://proxy:3128', 'https://proxy.example.org', 'http://10.0.0.1:80/', 'http://[fd00::1]:3142'])(
    'may be %s',
    (url) => {
      expect(aptProxyUrlText.parse(url)).toBe(url);
    },
  );
  it.each([
    'http://me:secret@proxy:3128',
    'http://me@proxy',
    'proxy:3128',
    'ftp://proxy',
    'http://proxy/path',
    'http://pro"xy',
    'http://proxy";Acquire::x "y',
    'http://a b',
    'http://proxy:3128\nAcquire',
    '',
  ])('may not be %j', (url) => {
    expect(aptProxyUrlText.safeParse(url).success).toBe(false);
  });
});
