import { describe, expect, it } from 'vitest';
import { errorKinds } from '../../../shared/domain/errors.ts';
import { remediesOf, remediesOfAll } from './remedies.ts';

describe('remedies', () => {
  it('repairs what dpkg or a dependency left behind', () => {
    for (const kind of ['dpkg_interrupted', 'apt_unmet_dependencies', 'apt_package_failed'] as const)
      expect(remediesOf(kind)).toEqual(['repair']);
  });

  it('tries again after a lock, and never offers to break it', () => {
    expect(remediesOf('apt_lock_busy')).toEqual(['retry']);
  });

  it('fetches the lists again for every repository error', () => {
    for (const kind of errorKinds.filter((one) => one.startsWith('apt_repository_')))
      expect(remediesOf(kind)).toContain('refresh');
  });

  it('has a way on for every connection and sudo error', () => {
    const stuck = errorKinds.filter(
      (kind) => (kind.startsWith('ssh_') || kind.startsWith('sudo_')) && remediesOf(kind).length === 0,
    );
    expect(stuck).toEqual([]);
    for (const kind of errorKinds.filter((one) => one.startsWith('sudo_')))
      expect(remediesOf(kind)[0]).toBe('settings');
  });

  it('sends a changed host key to its decision and to nothing else', () => {
    expect(remediesOf('ssh_host_key_changed')).toEqual(['hostKey']);
  });

  it('offers nothing where nothing helps, and each remedy once for several errors', () => {
    expect(remediesOf('unsupported_os')).toEqual([]);
    expect(remediesOfAll(['apt_package_failed', 'dpkg_interrupted', 'apt_repository_unreachable'])).toEqual([
      'repair',
      'refresh',
    ]);
  });
});
