import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createCore, type Core } from '../../src/core/index.ts';
import { contract, type HomeportClient } from '../../src/shared/contract/index.ts';
import type { CredentialsInput, Job } from '../../src/shared/contract/models.ts';
import type { ConffilePolicy, StartableAction } from '../../src/shared/domain/unions.ts';
import { createClient } from '../../src/shared/wire/client.ts';
import { serveWire } from '../../src/shared/wire/server.ts';
import { inProcessTransports, type Transport } from '../../src/shared/wire/transport.ts';
import type { TestbedHost } from '../testbed/index.ts';

export const passphrase = 'correct horse battery staple';
const root = resolve(import.meta.dirname, '../..');

/** The real core in this process, spoken to over the real wire, on a data directory of its own. */
export interface CoreSession {
  readonly client: HomeportClient;
  readonly dataDir: string;
  /** What the core wrote to its log. */
  readonly logged: readonly string[];
  /** Closes the core and opens it again on the same data; the vault is locked then. */
  restart(): Promise<void>;
  /** Closes the core, as when the application is quit, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The wire breaks and another one comes up; the core stays. */
  reconnect(): void;
  close(): Promise<void>;
}

export async function openCoreSession(
  options: { dataDir?: string; concurrency?: number; resourcesDir?: string; now?: () => Date } = {},
): Promise<CoreSession> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'homeport-session-'));
  const logged: string[] = [];
  const log = (message: string, data?: Record<string, unknown>) => {
    const text = JSON.stringify(data ?? {}, (_key, value: unknown) =>
      value instanceof Error ? (value.stack ?? value.message) : value,
    );
    logged.push(`${message} ${text}`);
    if (process.env['HOMEPORT_TEST_LOG']) console.error(message, text);
  };
  const start = async () => {
    const core: Core = await createCore({
      dataDir,
      resourcesDir: options.resourcesDir ?? join(root, 'resources'),
      migrationsDir: join(root, 'migrations'),
      host: 'browser',
      version: '0.0.0-test',
      wrappers: [],
      log: { info: log, error: log },
      ...(options.concurrency && { concurrency: options.concurrency }),
      ...(options.now && { now: options.now }),
    });
    return wire(core);
  };
  const wire = (core: Core) => {
    const [near, far]: [Transport, Transport] = inProcessTransports();
    serveWire(far, core.dispatch, 'ui', log);
    return { core, near, client: createClient(contract, near) };
  };
  let now = await start();
  const stop = async () => {
    now.near.close();
    await now.core.close();
  };
  return {
    get client() {
      return now.client;
    },
    dataDir,
    logged,
    async restart() {
      await stop();
      now = await start();
    },
    pause: stop,
    async resume() {
      now = await start();
    },
    reconnect() {
      now.near.close();
      now = wire(now.core);
    },
    async close() {
      await stop();
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The vault is set up with the passphrase, or unlocked with it. */
export async function openVault({ client }: Pick<CoreSession, 'client'>): Promise<void> {
  const { state } = await client['vault.status']({});
  if (state === 'not_set_up') await client['vault.setUp']({ with: 'passphrase', passphrase });
  else if (state === 'locked') await client['vault.unlock']({ passphrase });
}

/** How a user would log in to a testbed host with its password. */
export function credentialsFor(host: TestbedHost): CredentialsInput {
  const sudoMode = {
    root: 'none',
    none: 'none',
    missing: 'same_as_ssh',
    nopasswd: 'nopasswd',
    separate: 'separate',
    password: 'same_as_ssh',
  } as const;
  return {
    authMethod: 'password',
    sudoMode: sudoMode[host.sudo],
    password: host.password,
    ...(host.sudo === 'separate' && { sudoPassword: host.rootPassword }),
  };
}

/** Adds a host and approves its key after comparing it with the host's own. Returns the machine's id. */
export async function addHost(
  { client }: Pick<CoreSession, 'client'>,
  host: TestbedHost,
  credentials: CredentialsInput = credentialsFor(host),
): Promise<string> {
  const { id } = await client['machines.add']({
    name: host.name,
    hostname: host.address,
    port: host.port,
    username: host.user,
    credentials,
  });
  const key = await client['hostKeys.scan']({ machineId: id });
  const real = Object.values(await host.hostKeyFingerprints());
  if (!real.includes(key.fingerprintSha256))
    throw new Error(`${host.name} presented ${key.fingerprintSha256}`);
  await client['hostKeys.decide']({
    id: key.id,
    fingerprintSha256: key.fingerprintSha256,
    decision: 'approve',
  });
  return id;
}

/** Starts an action and waits for the job's end. */
export async function runJob(
  { client }: Pick<CoreSession, 'client'>,
  action: StartableAction,
  machineId: string,
  options: { planHash?: string; conffiles?: ConffilePolicy; attached?: boolean } = {},
): Promise<Job> {
  const { jobs } = await client['jobs.start']({ action, machineIds: [machineId], options });
  const jobId = jobs[0]?.jobId ?? '';
  return jobEnded({ client }, jobId);
}

export async function jobEnded({ client }: Pick<CoreSession, 'client'>, jobId: string): Promise<Job> {
  const ended = (job: Job | undefined) => job && job.status !== 'queued' && job.status !== 'running';
  const find = async () => (await client['jobs.list']({ limit: 500 })).jobs.find((job) => job.id === jobId);
  const already = await find();
  if (already && ended(already)) return already;
  for await (const news of client['jobs.watch']({})) {
    if (news.type === 'snapshot') {
      const job = await find();
      if (job && ended(job)) return job;
    } else if (news.job.id === jobId && ended(news.job)) return news.job;
  }
  throw new Error('The watch ended before the job');
}

/** All bytes of a run's log so far, or to its end when it runs. */
export async function readLog({ client }: Pick<CoreSession, 'client'>, executionId: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of client['executions.log']({ id: executionId })) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}
