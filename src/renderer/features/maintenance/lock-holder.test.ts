import { describe, expect, it } from 'vitest';
import { lockHolderOf } from './lock-holder.ts';

describe('the holder of a lock', () => {
  it('is read from what the host prints', () => {
    expect(lockHolderOf('/var/lib/dpkg/lock-frontend 812 unattended-upgr')).toEqual({
      file: '/var/lib/dpkg/lock-frontend',
      pid: '812',
      command: 'unattended-upgr',
    });
    expect(lockHolderOf('/var/cache/apt/archives/lock 7 ')).toMatchObject({ pid: '7', command: null });
  });

  it('is not found in other details', () => {
    expect(lockHolderOf('libc6 (2.41-12+deb13u1)')).toBeNull();
    expect(lockHolderOf('')).toBeNull();
    expect(lockHolderOf(null)).toBeNull();
  });
});
