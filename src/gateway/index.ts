import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createCore, type Core } from '../core/index.ts';
import { createKeyringWrapper } from '../core/vault/index.ts';
import { AppError } from '../shared/domain/errors.ts';
import { chooseLanguage, readArguments, type HostArguments } from './arguments.ts';
import { browserCommand, openBrowser } from './browser.ts';
import { prepareDataDir } from './data-dir.ts';
import { startAdvice } from './failures.ts';
import { serveLocalSocket, type LocalSocket } from './local-socket.ts';
import { openLogFile } from './log-file.ts';
import { announce, askRunning, awaitRunning, withdraw } from './running-instance.ts';
import { startGateway, type Gateway } from './server.ts';
import { version } from './version.ts';
import { say } from './words/index.ts';

const stopWithinMs = 10_000;
// The bundle is out/main/gateway.js; what it needs lies beside out/.
const root = path.resolve(import.meta.dirname, '../..');

function show(url: string, options: HostArguments): void {
  console.log(say('host.at', { url }));
  if (!options.isOpening) return;
  const command = browserCommand(url, path.join(options.dataDir, 'browser'));
  if (!command) {
    console.log(say('host.noBrowser'));
    return;
  }
  openBrowser(command, (error) => {
    console.error(say('host.browserFailed', { reason: error.message }));
  });
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the signal that asks us to stop. Ctrl-C reaches us more than once, from the terminal and through npm. */
function stopAsked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of stopSignals) process.on(signal, resolve);
  });
}

/** A stop that hangs ends all the same, and says so; jobs go on at their hosts and are found again. */
function endWithin(timeoutMs: number): void {
  const timer = setTimeout(() => {
    console.error(say('host.stopLate'));
    process.exit(1);
  }, timeoutMs);
  timer.unref();
}

async function run(options: HostArguments): Promise<void> {
  const { dataDir, port } = options;
  prepareDataDir(dataDir);
  const running = await askRunning(dataDir);
  if (running) {
    console.log(say('host.running'));
    show(running, options);
    return;
  }
  const stopping = stopAsked();
  const log = openLogFile(dataDir);
  let core: Core | null = null;
  let gateway: Gateway | null = null;
  let socket: LocalSocket | null = null;
  try {
    core = await createCore({
      dataDir,
      resourcesDir: path.join(root, 'resources'),
      migrationsDir: path.join(root, 'migrations'),
      host: 'browser',
      version,
      wrappers: [createKeyringWrapper()],
      log,
    });
    const controlSecret = randomBytes(32).toString('base64url');
    gateway = await startGateway({
      dispatch: core.dispatch,
      findDownload: (ticket) => core?.findDownload(ticket) ?? null,
      rendererDir: path.join(root, 'out/renderer'),
      port,
      controlSecret,
      log,
    });
    socket = await serveLocalSocket({ dataDir, dispatch: core.dispatch, log });
    announce(dataDir, { pid: process.pid, port: gateway.port, controlSecret });
    show(gateway.newLaunchUrl(), options);
    const signal = await stopping;
    log.info('Stopping', { signal });
  } finally {
    endWithin(stopWithinMs);
    if (gateway) {
      withdraw(dataDir);
      await gateway.close();
    }
    await socket?.close();
    await core?.close();
  }
}

async function main(): Promise<void> {
  let options: HostArguments;
  try {
    options = readArguments(chooseLanguage(process.argv.slice(2)));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${say('host.help')}`);
    process.exitCode = 2;
    return;
  }
  if (options.isHelp) {
    console.log(say('host.help'));
    return;
  }
  try {
    await run(options);
  } catch (error) {
    // Two starts at once: the other one was quicker.
    const isBusy = error instanceof AppError && error.code === 'database_busy';
    const running = isBusy ? await awaitRunning(options.dataDir, 5_000) : null;
    if (running) {
      show(running, options);
      return;
    }
    const advice = startAdvice(error, options);
    console.error(advice === null ? say('host.failed') : say('host.failedBecause', { advice }));
    if (advice === null) console.error(error);
    process.exitCode = 1;
  }
}

await main();
