import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { addHost, openCoreSession, openVault } from '../e2e/support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../e2e/testbed/index.ts';
import { renderTemplate } from '../src/core/templates/render.ts';
import { percentile, report, round } from './report.ts';

const ROUNDS = 5;

/**
 * A refresh of N hosts by Homeport (database, parsing, events and all) against the very same script sent by parallel
 * OpenSSH processes, both with new connections, all hosts at once. Rounds alternate, so that both see the same machine.
 */
export async function benchRefresh(count: number): Promise<void> {
  const reason = unavailableReason();
  if (reason !== null) {
    report('refresh', { hosts: count, skipped: reason });
    return;
  }
  const name = `bench-${count}`;
  const bed = await createTestbed({
    name,
    hosts: Array.from({ length: count }, (_, i) => ({ name: `h${i + 1}`, sudo: 'nopasswd' as const })),
  });
  const keyDir = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  const session = await openCoreSession({ concurrency: count });
  try {
    await openVault(session);
    const keyFile = join(keyDir, 'id');
    writeFileSync(keyFile, bed.privateKey, { mode: 0o600 });
    const ids: string[] = [];
    for (const host of bed.hosts) {
      ids.push(
        await addHost(session, host, {
          authMethod: 'ssh_key',
          sudoMode: 'nopasswd',
          privateKey: bed.privateKey,
        }),
      );
    }
    const ours: number[] = [];
    const theirs: number[] = [];
    const cpuMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await openSshRound(bed, keyFile));
      // Every round of ours logs in anew, as theirs does.
      await session.restart();
      await openVault(session);
      const cpu = process.cpuUsage();
      ours.push(await homeportRound(session, ids));
      const used = process.cpuUsage(cpu);
      cpuMs.push((used.user + used.system) / 1000);
    }
    const [oursMs, theirsMs] = [percentile(ours, 0.5), percentile(theirs, 0.5)];
    report('refresh', {
      hosts: count,
      rounds: ROUNDS,
      homeportMs: round(oursMs, 0),
      openSshMs: round(theirsMs, 0),
      ratio: round(oursMs / theirsMs),
      homeportCpuMs: round(percentile(cpuMs, 0.5), 0),
      rssMb: round(process.memoryUsage().rss / 1e6, 0),
      targetRatio: 0.9,
    });
  } finally {
    await session.close();
    await removeTestbed(name);
    rmSync(keyDir, { recursive: true, force: true });
  }
}

async function homeportRound(
  session: Awaited<ReturnType<typeof openCoreSession>>,
  machineIds: readonly string[],
): Promise<number> {
  const { client } = session;
  const waiting = new Set<string>();
  const failed: string[] = [];
  const started = performance.now();
  const { jobs } = await client['jobs.start']({ action: 'apt_update_analyze', machineIds: [...machineIds] });
  for (const { jobId } of jobs) waiting.add(jobId);
  for await (const news of client['jobs.watch']({})) {
    if (news.type === 'snapshot') {
      const active = new Set(news.jobs.map((job) => job.id));
      for (const id of waiting) if (!active.has(id)) waiting.delete(id);
    } else if (!['queued', 'running'].includes(news.job.status)) {
      waiting.delete(news.job.id);
      if (news.job.status !== 'ok') failed.push(news.job.error?.message ?? news.job.status);
    }
    if (waiting.size === 0) break;
  }
  const elapsed = performance.now() - started;
  if (failed.length > 0) throw new Error(`Refreshes failed: ${failed.join('; ')}`);
  return elapsed;
}

async function openSshRound(bed: Testbed, keyFile: string): Promise<number> {
  const templates = resolve(import.meta.dirname, '../resources/templates');
  const { script } = renderTemplate(templates, 'apt_refresh_analyze', { nonce: 'bench' });
  const started = performance.now();
  await Promise.all(bed.hosts.map((host) => openSsh(host, keyFile, script)));
  return performance.now() - started;
}

function openSsh(host: { address: string; user: string }, keyFile: string, script: string): Promise<void> {
  return new Promise((done, fail) => {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'BatchMode=yes',
    ];
    const child = spawn(
      'ssh',
      [
        '-F',
        '/dev/null',
        '-T',
        '-i',
        keyFile,
        ...options.flatMap((o) => ['-o', o]),
        `${host.user}@${host.address}`,
        'sudo -n sh',
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let tail = '';
    child.stdout.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('utf8')).slice(-200);
    });
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0 && tail.includes('@@bench end')) done();
      else fail(new Error(`ssh to ${host.address} ended with ${code}: ${tail}`));
    });
    child.stdin.end(script);
  });
}
