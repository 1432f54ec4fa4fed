import { describe, expect, test } from 'vitest';
import { errorParams } from './error-params.ts';

const catalogue = { 'error.fallback.holder': 'another program', 'error.fallback.path': 'the file' };

describe('parameters of an error', () => {
  test('a lock is held by its process, unless the error names the holder itself', () => {
    expect(errorParams(catalogue, { command: 'apt-get', pid: 812 })['holder']).toBe('apt-get (812)');
    expect(errorParams(catalogue, { command: 'dpkg' })['holder']).toBe('dpkg');
    expect(errorParams(catalogue, { command: 'sh', holder: 'Homeport (5)' })['holder']).toBe('Homeport (5)');
    expect(errorParams(catalogue, { pid: 812 })['holder']).toBe('another program');
  });

  test('edited files are named by their paths', () => {
    const files = [
      { package: 'nginx', path: '/etc/nginx/nginx.conf' },
      { package: 'nginx', path: '/etc/nginx/mime.types' },
    ];
    expect(errorParams(catalogue, { files })['path']).toBe('/etc/nginx/nginx.conf, /etc/nginx/mime.types');
    expect(errorParams(catalogue, { files: [] })['path']).toBe('the file');
  });
});
