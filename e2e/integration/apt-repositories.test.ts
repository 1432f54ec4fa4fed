import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'apt-repositories';

/** Repositories that are there and not to be trusted as they are; each host has nothing to update, so its tile is green before. */
describe.skipIf(reason !== null)(`repositories that changed${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'forged-12', packages: ['clean'] },
        { name: 'forged-13', suite: 'trixie', packages: ['clean'] },
        { name: 'renamed-12', sudo: 'root', packages: ['clean'] },
        { name: 'renamed-13', suite: 'trixie', sudo: 'nopasswd', packages: ['clean'] },
      ],
    });
    session = await openCoreSession();
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  const tileOf = async (id: string) => (await session.client['machines.get']({ id })).state;
  const refresh = (id: string) => runJob(session, 'apt_update_analyze', id);
  async function expectGreen(id: string) {
    const job = await refresh(id);
    expect(job, JSON.stringify(job.error)).toMatchObject({ status: 'ok', error: null });
    expect(await tileOf(id)).toMatchObject({ aptStatus: 'ok', updatesCount: 0, lastError: null });
  }
  const newVersion = [{ definition: { name: 'hp-plain', version: '1.5' } }];

  it.each(['forged-12', 'forged-13'])(
    '%s: lists that were changed after they were signed are told as that, and none of them is believed',
    async (name) => {
      const host = bed.host(name);
      const id = await addHost(session, host);
      await expectGreen(id);
      await host.publish(newVersion);
      await host.reviseReleases({ isTampered: true });
      const job = await refresh(id);
      expect(job).toMatchObject({
        status: 'warning',
        error: {
          kind: 'apt_repository_signature',
          data: { host: 'packages.test', repository: 'http://packages.test/debian', reason: 'badsig' },
        },
      });
      const { snapshot } = await session.client['snapshots.latest']({ machineId: id });
      // One matter, however many lines tell it; and no other one, the way to the repository being fine.
      expect(snapshot?.errors.map((error) => error.kind)).toEqual(['apt_repository_signature']);
      expect(await tileOf(id)).toMatchObject({
        aptStatus: 'warning',
        updatesCount: 0,
        lastError: { kind: 'apt_repository_signature' },
      });

      await host.reviseReleases({});
      const mended = await refresh(id);
      expect(mended).toMatchObject({ status: 'ok', error: null });
      expect(await tileOf(id)).toMatchObject({
        aptStatus: 'updates_available',
        updatesCount: 1,
        lastError: null,
      });
    },
  );

  it.each(['renamed-12', 'renamed-13'])(
    '%s: a repository that calls itself something else waits for somebody to accept it',
    async (name) => {
      const host = bed.host(name);
      const id = await addHost(session, host);
      await expectGreen(id);
      await host.publish(newVersion);
      for (const [field, from, to] of [
        ['Origin', 'Debian', 'Acme'],
        ['Codename', host.suite, 'forky'],
      ] as const) {
        await host.reviseReleases({ fields: { [field]: to } });
        expect(await refresh(id)).toMatchObject({
          status: 'warning',
          error: {
            kind: 'apt_repository_release_changed',
            data: { host: 'packages.test', repository: 'http://packages.test/debian', field, from, to },
          },
        });
        // The new version is known only when the change is accepted: nothing else may count it.
        expect(await tileOf(id)).toMatchObject({
          aptStatus: 'warning',
          updatesCount: 0,
          lastError: { kind: 'apt_repository_release_changed' },
        });
      }

      await host.reviseReleases({});
      expect(await refresh(id)).toMatchObject({ status: 'ok', error: null });
      expect(await tileOf(id)).toMatchObject({ updatesCount: 1, lastError: null });

      await host.reviseReleases({ fields: { Origin: 'Acme', Label: 'Acme' } });
      expect((await refresh(id)).error?.kind).toBe('apt_repository_release_changed');
      const accepted = await host.run('apt-get -q update --allow-releaseinfo-change');
      expect(accepted.code, accepted.stderr).toBe(0);
      expect(await refresh(id)).toMatchObject({ status: 'ok', error: null });
      expect((await tileOf(id)).lastError).toBeNull();
    },
  );
});
