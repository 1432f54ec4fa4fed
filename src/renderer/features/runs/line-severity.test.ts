import { describe, expect, it } from 'vitest';
import { classifyLine } from './line-severity.ts';

describe('classifyLine', () => {
  it.each([
    'E: Could not get lock /var/lib/dpkg/lock-frontend.',
    'Err:4 http://deb.debian.org/debian trixie InRelease',
    'dpkg: error processing package nginx (--configure):',
    'Errors were encountered while processing:',
    'Job for nginx.service failed because the control process exited with error code.',
    'Failed to restart nginx.service: Unit not found.',
    'tar: error: short read',
  ])('%s is an error', (line) => {
    expect(classifyLine(line)).toBe(2);
  });

  it.each([
    'W: GPG error: http://example.org stable InRelease: NO_PUBKEY 0123456789ABCDEF',
    'dpkg: warning: while removing exim4, directory not empty so not removed',
    'update-initramfs: Warning: no resume device',
    'Warning: The unit file changed on disk.',
    'Ign:2 cdrom://trixie',
  ])('%s is a warning', (line) => {
    expect(classifyLine(line)).toBe(1);
  });

  it.each([
    'Setting up liberror-perl (0.17030-1) ...',
    'Unpacking libgpg-error0:amd64 (1.51-4) ...',
    'Get:1 http://deb.debian.org/debian trixie/main amd64 libwarnings-perl all 0.1',
    '0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.',
    '',
  ])('%j is neither', (line) => {
    expect(classifyLine(line)).toBe(0);
  });
});
