import { join } from 'node:path';
import { contract, type HomeportHandlers } from '../shared/contract/index.ts';
import { createActions, type ActionDeps } from './actions/index.ts';
import { appHandlers } from './app/index.ts';
import { bulkHandlers, createBulks } from './bulk/index.ts';
import { createBus } from './bus.ts';
import type { CoreContext, Log } from './context.ts';
import { connectionHandlers, readKeepAlive } from './connections/index.ts';
import { createCredentials } from './credentials/credentials.ts';
import { machinesWithSecrets } from './credentials/store.ts';
import { openDatabase } from './db/open.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { eventHandlers, recordEvent } from './events/index.ts';
import { executionHandlers } from './executions/index.ts';
import { createFiles, type Download } from './files/index.ts';
import { createForwards } from './forwards/index.ts';
import { fleetHandlers, fleetViewHandlers } from './fleet/index.ts';
import { hostKeyHandlers } from './hostkeys/index.ts';
import { hardwareHandlers } from './hardware/index.ts';
import { hostMenuHandlers, type ShowHostMenu } from './host-menu/index.ts';
import { createRunner, jobHandlers, queueHandlers } from './jobs/index.ts';
import { createDirectory, machineHandlers, purgeExpired } from './machines/index.ts';
import { machineUiHandlers } from './machine-ui/index.ts';
import { maintenanceHandlers } from './maintenance/index.ts';
import { messageHandlers } from './messages/index.ts';
import {
  createDesktopNotices,
  notificationHandlers,
  watchVaultWaits,
  type DesktopNotice,
} from './notifications/index.ts';
import { createOutward, outwardHandlers } from './outward/index.ts';
import { planHandlers } from './plans/index.ts';
import { preferenceHandlers } from './preferences/index.ts';
import { createArmedHosts } from './remote/armed.ts';
import { createAttachedRuns } from './remote/attached.ts';
import { createRemoteRuns } from './remote/runs.ts';
import type { Exec } from './remote/types.ts';
import { indexMissingReports, reportHandlers, type PrintPdf } from './reports/index.ts';
import { createRequests, requestHandlers } from './requests/index.ts';
import { createSchedules, scheduleHandlers } from './schedules/index.ts';
import { snapshotHandlers } from './snapshots/index.ts';
import { createSshPool } from './ssh/pool.ts';
import { jumpChain } from './ssh/route.ts';
import {
  createRecordings,
  createTerminals,
  createTerminalWindows,
  snippetHandlers,
  terminalHandlers,
} from './terminals/index.ts';
import { updateHandlers } from './updates/index.ts';
import { readAutoLockMs, vaultHandlers } from './vault/handlers.ts';
import type { KeyWrapper } from './vault/types.ts';
import { createVault } from './vault/vault.ts';

export interface CoreOptions {
  /** Everything that Homeport keeps lies here; made with mode 0700 when it is not there. */
  readonly dataDir: string;
  readonly resourcesDir: string;
  readonly migrationsDir: string;
  readonly host: 'electron' | 'browser' | 'terminal';
  readonly version: string;
  /** The ways in which this host can keep the vault's key, the preferred one first. */
  readonly wrappers: readonly KeyWrapper[];
  readonly log: Log;
  /** Shows a notification on the desktop; absent where the page does it or nobody can. */
  readonly showDesktopNotice?: (notice: DesktopNotice) => void;
  /** Makes the desktop's menu of what the page offers; left out by a host that has none. */
  readonly showMenu?: ShowHostMenu;
  /** Makes PDF of a page; left out by a host that leaves printing to the browser. */
  readonly printPdf?: PrintPdf;
  readonly now?: () => Date;
  /** Machines that may be worked on at the same time. */
  readonly concurrency?: number;
  /** False: what waits or was left running is only looked at, not taken up. */
  readonly startsWork?: boolean;
}

export interface Core {
  readonly dispatch: Dispatch;
  /** What an address that `files.download` gave stands for; null when it never did or no longer does. */
  findDownload(ticket: string): Download | null;
  /** Lets go of runs (they go on on their hosts), closes connections and the database. */
  close(): Promise<void>;
}

const DEFAULT_CONCURRENCY = 64;

/**
 * Opens the database and what every feature of the core gets.
 * @throws AppError database_corrupt, database_newer, database_migration_failed, database_busy, local_disk_full
 */
export function openContext(options: CoreOptions): CoreContext {
  const { dataDir, log, now = () => new Date() } = options;
  const database = openDatabase({
    file: join(dataDir, 'homeport.db'),
    migrationsDir: options.migrationsDir,
    backupsDir: join(dataDir, 'backups'),
    now,
  });
  return { database, bus: createBus(), dataDir, log, now };
}

/**
 * The only wiring of the core. Takes up what a former process left running before it returns, and closes the context's
 * database with itself. Who gives a context can write beside the core, as the bench of the fleet page does.
 * @throws AppError as `openContext`
 */
export async function createCore(options: CoreOptions, context = openContext(options)): Promise<Core> {
  const { database, log, now } = context;
  const vault = createVault({
    database,
    wrappers: options.wrappers,
    now,
    autoLockMs: readAutoLockMs(context),
    onEvent: (event) => {
      recordEvent(context, {
        machineId: null,
        eventType: `vault.${event.type}`,
        severity: 'info',
        actorType: event.type === 'locked' && event.cause === 'idle' ? 'system' : 'user',
        message: `The vault: ${event.type.replaceAll('_', ' ')}.`,
        data: { ...event },
      });
      // Jobs that wait for the vault go on, windows show its state.
      queueMicrotask(() => context.bus.publish('vault.changed', {}));
    },
  });
  const credentials = createCredentials({ database, vault, now });
  const directory = createDirectory(context, credentials);
  const pool = createSshPool({
    directory,
    keepAlive: () => {
      const { intervalSeconds, countMax } = readKeepAlive(context);
      return { intervalMs: intervalSeconds * 1000, countMax };
    },
    log: (level, message, data) => {
      if (level === 'warn') log.error(message, data);
    },
  });
  const exec: Exec = (machineId, request) => pool.exec(machineId, request);
  const remote = createRemoteRuns({ exec, log });
  const attached = createAttachedRuns({ exec, log });
  const templatesDir = join(options.resourcesDir, 'templates');
  const deps: ActionDeps = {
    context,
    pool,
    directory,
    remote,
    attached,
    armed: createArmedHosts({ exec, log }),
    credentials,
    templatesDir,
  };
  const actions = createActions(deps);
  const runner = createRunner(context, actions, options.concurrency ?? DEFAULT_CONCURRENCY, () =>
    vault.state() === 'locked' ? machinesWithSecrets(database) : new Set(),
  );
  const recordings = createRecordings(context, credentials, (machineId) => [
    machineId,
    ...jumpChain(directory, directory.target(machineId)).map((jump) => jump.machineId),
  ]);
  const terminals = createTerminals(context, pool, directory, recordings);
  const terminalWindows = createTerminalWindows(context, vault);
  const files = createFiles(context, pool);
  const forwards = createForwards(context, pool);
  const bulks = createBulks(context, runner, () => vault.state() !== 'locked');
  const requests = createRequests(context, actions, runner, bulks);
  const schedules = createSchedules(context, runner, requests);
  const outward = createOutward(context, vault);
  const handlers: HomeportHandlers = {
    ...appHandlers(context, { version: options.version, host: options.host }),
    ...fleetHandlers(context),
    ...fleetViewHandlers(context),
    ...machineHandlers(context, credentials, pool, runner, requests),
    ...hostKeyHandlers(context, pool, directory),
    ...jobHandlers(context, runner),
    ...queueHandlers(context, runner),
    ...bulkHandlers(context, bulks),
    ...requestHandlers(context, requests),
    ...outwardHandlers(context, outward),
    ...scheduleHandlers(context, schedules, deps),
    ...updateHandlers(context),
    ...snapshotHandlers(context),
    ...hardwareHandlers(context),
    ...terminalHandlers(context, terminals),
    ...terminalWindows.handlers,
    ...snippetHandlers(context),
    ...recordings.handlers,
    ...files.handlers,
    ...forwards.handlers,
    ...connectionHandlers(context),
    ...planHandlers(context, pool, templatesDir),
    ...executionHandlers(context),
    ...reportHandlers(context, { printPdf: options.printPdf }),
    ...eventHandlers(context),
    ...messageHandlers(context),
    ...notificationHandlers(context),
    ...vaultHandlers(context, vault),
    ...preferenceHandlers(context),
    ...machineUiHandlers(context),
    ...hostMenuHandlers(context, options.showMenu),
    ...maintenanceHandlers(context),
  };
  const stopNotices = [
    watchVaultWaits(
      context,
      () => vault.state() === 'locked',
      (jobId) => runner.progressOf(jobId)?.step,
    ),
    ...(options.showDesktopNotice ? [createDesktopNotices(context, options.showDesktopNotice)] : []),
  ];
  purgeExpired(context);
  indexMissingReports(context);
  await recordings.settleLeft();
  await vault.tryAutoUnlock();
  if (options.startsWork !== false) {
    runner.start();
    bulks.start();
    schedules.start();
    requests.start();
    outward.start();
    forwards.startWithApp();
  }
  return {
    dispatch: createDispatch(contract, handlers, { log: (message, details) => log.error(message, details) }),
    findDownload: (ticket) => files.findDownload(ticket),
    async close() {
      for (const stop of stopNotices) stop();
      terminalWindows.close();
      await terminals.close();
      await recordings.close();
      files.close();
      await forwards.close();
      requests.close();
      await outward.close();
      await schedules.close();
      await bulks.close();
      await runner.close();
      await pool.close();
      vault.close();
      database.close();
    },
  };
}
