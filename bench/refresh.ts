import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { addHost, openVault } from '../e2e/support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason } from '../e2e/testbed/index.ts';
import { startApp, type AppProcess } from '../e2e/support/app-process.ts';
import { ansibleMissing, ansibleRound, openSshRound } from './others.ts';
import { withTestbed } from './interrupted.ts';
import { percentile, report, round } from './report.ts';

/** Odd, for a median. Hosts and clients share the machine, and a round varies by a tenth of its time. */
const ROUNDS = 9;
/** Ansible's distance is so large that few rounds tell it. */
const ANSIBLE_ROUNDS = 3;
const gateway = resolve(import.meta.dirname, '../out/main/gateway.js');

/**
 * A refresh of N hosts by the built application (database, parsing, events and all) against parallel OpenSSH processes with
 * the same commands, against OpenSSH with Homeport's own script (which asks a host for less than the plain commands do), and
 * against Ansible's way to the same list; new connections each, all hosts at once. Rounds alternate, so that all see the
 * same machine.
 */
export const benchRefresh = (count: number): Promise<void> =>
  withTestbed(`bench-${count}`, (name) => refreshOn(name, count));

async function refreshOn(name: string, count: number): Promise<void> {
  const reason = unavailableReason() ?? (existsSync(gateway) ? null : 'needs a build (npm run build)');
  if (reason !== null) {
    report('refresh', { hosts: count, skipped: reason });
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  const dataDir = join(folder, 'data');
  try {
    const bed = await createTestbed({
      name,
      hosts: Array.from({ length: count }, (_, i) => ({ name: `h${i + 1}`, sudo: 'nopasswd' as const })),
    });
    const keyFile = join(folder, 'id');
    writeFileSync(keyFile, bed.privateKey, { mode: 0o600 });
    const first = await startApp(dataDir);
    await openVault(first);
    const login = { authMethod: 'ssh_key', sudoMode: 'nopasswd', privateKey: bed.privateKey } as const;
    const ids = await Promise.all(bed.hosts.map((host) => addHost(first, host, login)));
    await first.close();
    const noAnsible = ansibleMissing();
    const samples = {
      homeport: [] as number[],
      openSsh: [] as number[],
      script: [] as number[],
      ansible: [] as number[],
    };
    const cpu: number[] = [];
    const peak: number[] = [];
    const ours = async () => {
      // A new process each time: it logs in anew, as the others do.
      const app = await startApp(dataDir);
      await openVault(app);
      app.resetPeak();
      const cpuBefore = app.cpuMs();
      samples.homeport.push(await homeportRound(app, ids));
      cpu.push(app.cpuMs() - cpuBefore);
      peak.push(app.peakBytes());
      await app.close();
    };
    for (let i = 0; i < ROUNDS; i++) {
      // In turns, so that neither always follows the other.
      if (i % 2 === 1) await ours();
      samples.openSsh.push(await openSshRound(bed, keyFile, 'commands'));
      samples.script.push(await openSshRound(bed, keyFile, 'script'));
      if (i % 2 === 0) await ours();
      if (noAnsible === null && i < ANSIBLE_ROUNDS) {
        samples.ansible.push(await ansibleRound(bed, keyFile, folder));
      }
    }
    const [homeport, openSsh, script] = [samples.homeport, samples.openSsh, samples.script].map((s) =>
      percentile(s, 0.5),
    ) as [number, number, number];
    const ansible = noAnsible === null ? percentile(samples.ansible, 0.5) : null;
    report('refresh', {
      hosts: count,
      rounds: ROUNDS,
      homeportMs: round(homeport, 0),
      openSshMs: round(openSsh, 0),
      ratioToOpenSsh: round(homeport / openSsh),
      openSshWithOurScriptMs: round(script, 0),
      ratioToOpenSshWithOurScript: round(homeport / script),
      ...(ansible === null
        ? { ansible: noAnsible }
        : { ansibleMs: round(ansible, 0), ratioToAnsible: round(homeport / ansible) }),
      homeportCpuMs: round(percentile(cpu, 0.5), 0),
      homeportPeakMb: round(percentile(peak, 0.5) / 1e6, 0),
      targets: { ratioToOpenSsh: count >= 50 ? 0.85 : 0.9, ratioToAnsible: 0.5, cpuMs: 1500, peakMb: 200 },
    });
  } finally {
    await removeTestbed(name);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function homeportRound({ client }: AppProcess, machineIds: readonly string[]): Promise<number> {
  const failed: string[] = [];
  const started = performance.now();
  const { jobs } = await client['jobs.start']({ action: 'apt_update_analyze', machineIds: [...machineIds] });
  const waiting = new Set(jobs.map(({ jobId }) => jobId));
  for await (const news of client['jobs.watch']({})) {
    if (news.type === 'snapshot') {
      const active = new Set(news.jobs.map((job) => job.id));
      for (const id of [...waiting]) if (!active.has(id)) waiting.delete(id);
    } else if (news.job.status !== 'queued' && news.job.status !== 'running') {
      waiting.delete(news.job.id);
      if (news.job.status !== 'ok') failed.push(news.job.error?.message ?? news.job.status);
    }
    if (waiting.size === 0) break;
  }
  const elapsedMs = performance.now() - started;
  if (failed.length > 0) throw new Error(`Refreshes failed: ${failed.join('; ')}`);
  return elapsedMs;
}
