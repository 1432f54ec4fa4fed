import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AppError } from '../../shared/domain/errors.ts';
import { keyBytes, seal, unseal } from './cipher.ts';
import type { Availability, KeyWrapper } from './types.ts';

/**
 * What the child runs. One line of JSON comes in, one goes out; the secret is never an argument or a variable of the
 * environment. On Linux the store is pinned: unpinned and without D-Bus the library would take the kernel's keyring,
 * which is lost at the next boot.
 */
const childCode = `
let text = '';
process.stdin.setEncoding('utf8').on('data', (part) => (text += part)).on('end', async () => {
  let reply;
  try {
    const { module, service, account, operation, secret } = JSON.parse(text);
    const { AsyncEntry } = require(module);
    const entry = new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
    if (operation === 'set') await entry.setPassword(secret);
    if (operation === 'delete') await entry.deleteCredential();
    reply = { ok: true, secret: operation === 'get' ? await entry.getPassword() : null };
  } catch (error) {
    reply = { ok: false, error: String(error?.message ?? error) };
  }
  process.stdout.write(JSON.stringify(reply), () => process.exit(0));
});`;

export type KeyringOperation = 'get' | 'set' | 'delete';
/** Asks the keyring once; rejects with a reason when it fails or does not answer in time. */
export type KeyringCall = (
  operation: KeyringOperation,
  account: string,
  secret: string | null,
  timeoutMs: number,
) => Promise<string | null>;

const service = 'homeport';
const probeAccount = 'availability-probe';
const probeTimeoutMs = 5_000;
/** Each probe starts a process: what one said holds this long, so that showing the vault's state costs nothing. */
const probeValidMs = 30_000;
/** Long enough for the user to answer the keyring's own dialog. */
const userTimeoutMs = 120_000;

export interface KeyringOptions {
  readonly call?: KeyringCall;
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The system's keyring for a host that runs on plain Node. A random key of its own lies in the keyring; the data key is
 * encrypted with that.
 */
export function createKeyringWrapper(options: KeyringOptions = {}): KeyWrapper {
  const platform = options.platform ?? process.platform;
  const env = options.env ?? process.env;
  const call = options.call ?? callInChild(env);
  const place = (account: string) => ({ table: 'keyring', rowId: account, column: 'data_key' });

  let probe: { readonly atMs: number; readonly answer: Promise<Availability> } | undefined;

  async function ask(): Promise<Availability> {
    if (platform === 'linux' && !hasSessionBus(env)) return { ok: false, reason: 'no_session_bus' };
    try {
      await call('get', probeAccount, null, probeTimeoutMs);
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    kind: 'keyring',

    available() {
      if (probe && performance.now() - probe.atMs < probeValidMs) return probe.answer;
      probe = { atMs: performance.now(), answer: ask() };
      return probe.answer;
    },

    async wrap(key) {
      const account = randomBytes(8).toString('hex');
      const keyringKey = randomBytes(keyBytes);
      await call('set', account, keyringKey.toString('base64'), userTimeoutMs);
      const wrapped = `${account} ${seal(keyringKey, place(account), key)}`;
      keyringKey.fill(0);
      return wrapped;
    },

    async unwrap(wrapped) {
      const [account = '', sealed = ''] = wrapped.split(' ');
      const secret = await call('get', account, null, userTimeoutMs);
      if (secret === null) throw unavailable('the keyring no longer has the key of this vault');
      const keyringKey = Buffer.from(secret, 'base64');
      const key = keyringKey.length === keyBytes ? unseal(keyringKey, place(account), sealed) : null;
      keyringKey.fill(0);
      if (!key) throw unavailable('the key in the keyring is not that of this vault');
      return key;
    },

    async forget(wrapped) {
      const [account = ''] = wrapped.split(' ');
      await call('delete', account, null, userTimeoutMs);
    },
  };
}

function unavailable(reason: string): AppError {
  return new AppError('vault_unavailable', `The system keyring failed: ${reason}`, { reason });
}

/** D-Bus specification, "Well-known Message Bus Instances"; the second form is systemd's (pam_systemd(8)). */
function hasSessionBus(env: NodeJS.ProcessEnv): boolean {
  if (env['DBUS_SESSION_BUS_ADDRESS']) return true;
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  return runtimeDir !== undefined && existsSync(path.join(runtimeDir, 'bus'));
}

/**
 * In a child, because the library connects in its constructor and waits there for ever for a bus that accepts and says
 * nothing: that would stop this process's only thread, and a thread caught in native code cannot be ended.
 */
function callInChild(env: NodeJS.ProcessEnv): KeyringCall {
  return async (operation, account, secret, timeoutMs) => {
    if (process.versions['electron'])
      throw unavailable('in Electron the key is kept by its own safe storage');
    const module = createRequire(import.meta.url).resolve('@napi-rs/keyring');
    const reply = await runChild(env, { module, service, account, operation, secret }, timeoutMs);
    if (!reply.ok) throw unavailable(reply.error);
    return reply.secret;
  };
}

type Reply =
  { readonly ok: true; readonly secret: string | null } | { readonly ok: false; readonly error: string };

function runChild(env: NodeJS.ProcessEnv, request: object, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', childCode], {
      env: busAddressIn(env),
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(unavailable(`it did not answer in ${timeoutMs / 1000} seconds`));
    }, timeoutMs);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (text === '') reject(unavailable(`its helper ended with ${code ?? 'a signal'}`));
      else resolve(JSON.parse(text) as Reply);
    });
    // A child that died early closes the pipe; `close` then tells why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
  });
}

function busAddressIn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  if (env['DBUS_SESSION_BUS_ADDRESS'] || !runtimeDir) return env;
  return { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(runtimeDir, 'bus')}` };
}
