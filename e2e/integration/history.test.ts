import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../src/shared/contract/models.ts';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  type Testbed,
  type TestbedHost,
} from '../testbed/index.ts';

const zone = '/usr/share/zoneinfo/Europe/Paris';
const reason = unavailableReason() ?? (existsSync(zone) ? null : `${zone} is missing`);
const bedName = 'history';
const log = '/var/log/apt/history.log';

const stanza = (start: string, ...lines: string[]) =>
  ['', `Start-Date: ${start}`, ...lines, `End-Date: ${start}`, ''].join('\n');

describe.skipIf(reason !== null)(`history made by others${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let host: TestbedHost;
  let session: CoreSession;
  let machineId: string;
  beforeAll(async () => {
    // No sudo: the history is readable without root.
    bed = await createTestbed({
      name: bedName,
      hosts: [{ name: 'zone', packages: ['plain'], sudo: 'none' }],
    });
    host = bed.host('zone');
    await host.run('rm -f /etc/localtime');
    await host.writeFile('/etc/localtime', readFileSync(zone));
    await host.run(`mkdir -p /var/log/apt; : >${log}; chmod 644 ${log}`);
    session = await openCoreSession();
    await openVault(session);
    machineId = await addHost(session, host);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  const append = (text: string) => host.run(`cat >>${log}`, { input: text });
  /** What the timeline tells after another look, oldest first. */
  async function told(): Promise<TimelineEvent[]> {
    await runJob(session, 'apt_update_analyze', machineId);
    const { events } = await session.client['timeline.list']({ machineId, limit: 500 });
    return events.filter(({ eventType }) => eventType.startsWith('apt.')).reverse();
  }
  const commands = (events: TimelineEvent[]) => events.map(({ data }) => data['commandLine']);

  it('has the moment that the machine meant, in summer and in winter', async () => {
    await append(
      stanza('2026-01-15  10:00:00', 'Commandline: /usr/bin/unattended-upgrade', 'Upgrade: a:amd64 (1, 2)') +
        stanza(
          '2026-07-15  10:00:00',
          'Commandline: apt install b',
          'Requested-By: ops (1000)',
          'Install: b:amd64 (1)',
        ),
    );
    expect(await told()).toMatchObject([
      {
        createdAt: expect.stringMatching(/^2026-01-15T09:00:0/) as string,
        data: { who: 'unattended_upgrades' },
      },
      {
        createdAt: expect.stringMatching(/^2026-07-15T08:00:0/) as string,
        data: { who: 'user', user: 'ops' },
      },
    ]);
  });

  it('misses nothing and doubles nothing when the log is rotated', async () => {
    await append(stanza('2026-08-01  10:00:00', 'Commandline: apt remove c', 'Remove: c:amd64 (1)'));
    await host.run(`gzip -c ${log} >${log}.1.gz && rm ${log} && : >${log}.new && mv ${log}.new ${log}`);
    await append(stanza('2026-08-02  10:00:00', 'Commandline: apt purge c', 'Purge: c:amd64 (1)'));
    const once = ['/usr/bin/unattended-upgrade', 'apt install b', 'apt remove c', 'apt purge c'];
    expect(commands(await told())).toEqual(once);
    expect(commands(await told())).toEqual(once);
  });

  it('waits for the end of a run that goes on', async () => {
    // Holds dpkg's lock as APT would while it works.
    const unfinished =
      '\nStart-Date: 2026-08-03  10:00:00\nCommandline: apt upgrade\nUpgrade: d:amd64 (1, 2)\n';
    await append(unfinished);
    const lock = '/var/lib/dpkg/lock-frontend';
    await host.run(`setsid flock ${lock} sh -c 'echo $$ >/tmp/locker; exec sleep 60' >/dev/null 2>&1 &`);
    await host.run(`while flock -n ${lock} true || [ ! -s /tmp/locker ]; do sleep 0.05; done`, {
      timeoutMs: 10_000,
    });
    expect(commands(await told())).not.toContain('apt upgrade');
    await append('End-Date: 2026-08-03  10:01:00\n');
    await host.run(`kill "$(cat /tmp/locker)"; until flock -n ${lock} true; do sleep 0.05; done`, {
      timeoutMs: 10_000,
    });
    const events = await told();
    expect(commands(events).filter((command) => command === 'apt upgrade')).toHaveLength(1);
    expect(events.at(-1)?.data).toMatchObject({ finished: true, who: 'root' });
  });
});
