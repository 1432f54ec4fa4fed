import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  credentialsFor,
  jobEnded,
  openCoreSession,
  openVault,
  readLog,
  runJob,
  type CoreSession,
} from '../support/core-session.ts';
import { openSlowRelay, type SlowRelay } from '../support/slow-relay.ts';
import { createTestbed, removeTestbed, unavailableReason, until, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'slow-link';

describe.skipIf(reason !== null)(`a slow and lossy link${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  let relay: SlowRelay;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [{ name: 'cabin', packages: ['plain', 'slow', 'chatty'], slowSeconds: 6, sudo: 'separate' }],
    });
    session = await openCoreSession();
    await openVault(session);
    relay = await openSlowRelay(bed.host('cabin'), {
      delayMs: 150,
      bytesPerSecond: 400_000,
      lossOneIn: 40,
      retransmitMs: 600,
    });
  });
  afterAll(async () => {
    await session.close();
    await relay.close();
    await removeTestbed(bedName);
  });

  it('an upgrade with two megabytes of output comes over whole, although the connection breaks twice', async () => {
    const host = bed.host('cabin');
    const { client } = session;
    const { id } = await client['machines.add']({
      name: 'cabin',
      hostname: '127.0.0.1',
      port: relay.port,
      username: host.user,
      credentials: credentialsFor(host),
    });
    const key = await client['hostKeys.scan']({ machineId: id });
    expect(Object.values(await host.hostKeyFingerprints())).toContain(key.fingerprintSha256);
    await client['hostKeys.decide']({
      id: key.id,
      fingerprintSha256: key.fingerprintSha256,
      decision: 'approve',
    });
    expect((await runJob(session, 'apt_update_analyze', id)).error).toBeNull();

    const { jobs } = await client['jobs.start']({ action: 'apt_full_upgrade', machineIds: [id] });
    const jobId = jobs[0]?.jobId ?? '';
    const run = async () => {
      const { executions } = await client['executions.list']({ machineId: id });
      return executions[0] ? client['executions.get']({ id: executions[0].id }) : null;
    };
    for (const bytes of [1, 500_000]) {
      await until(
        `${bytes} bytes of the log`,
        async () => ((await run())?.logBytes ?? 0) >= bytes || null,
        60_000,
      );
      relay.cut();
    }
    const runId = (await run())?.id ?? '';
    await host.run(`ln /var/lib/homeport/runs/${runId}/output /var/lib/kept-output`);
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    const ended = await client['executions.get']({ id: runId });
    expect(ended).toMatchObject({ verdict: 'exact', logVerified: true });
    const log = await readLog(session, runId);
    expect(log.byteLength).toBeGreaterThan(2_000_000);
    const { stdout } = await host.run('sha256sum /var/lib/kept-output');
    expect(createHash('sha256').update(log).digest('hex')).toBe(stdout.slice(0, 64));
  });
});
