import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createKeyringWrapper, type KeyringCall } from './keyring.ts';

const key = Buffer.alloc(32, 7);

function memoryCall(): { call: KeyringCall; entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    call: async (operation, account, secret) => {
      if (operation === 'set') entries.set(account, secret ?? '');
      if (operation === 'delete') entries.delete(account);
      return entries.get(account) ?? null;
    },
  };
}

describe('the keyring wrapper', () => {
  it('gives the key back, and the keyring never holds the data key itself', async () => {
    const { call, entries } = memoryCall();
    const wrapper = createKeyringWrapper({ call });
    const wrapped = await wrapper.wrap(key);
    expect(await wrapper.unwrap(wrapped)).toEqual(key);
    expect([...entries.values()]).not.toContain(key.toString('base64'));
  });

  it('says so when the keyring no longer has the entry, or has another', async () => {
    const { call, entries } = memoryCall();
    const wrapper = createKeyringWrapper({ call });
    const wrapped = await wrapper.wrap(key);
    for (const account of entries.keys()) entries.set(account, Buffer.alloc(32, 1).toString('base64'));
    await expect(wrapper.unwrap(wrapped)).rejects.toMatchObject({ code: 'vault_unavailable' });
    entries.clear();
    await expect(wrapper.unwrap(wrapped)).rejects.toMatchObject({ code: 'vault_unavailable' });
  });

  it('removes its entry when told to forget', async () => {
    const { call, entries } = memoryCall();
    const wrapper = createKeyringWrapper({ call });
    await wrapper.forget?.(await wrapper.wrap(key));
    expect(entries.size).toBe(0);
  });

  it('probes once for questions that come close together', async () => {
    let asked = 0;
    const wrapper = createKeyringWrapper({
      platform: 'darwin',
      call: async () => {
        asked++;
        return null;
      },
    });
    expect(await Promise.all([wrapper.available(), wrapper.available()])).toEqual([
      { ok: true },
      { ok: true },
    ]);
    expect(asked).toBe(1);
  });

  it('is not available on Linux without a D-Bus session, and asks nobody', async () => {
    const asked: string[] = [];
    const wrapper = createKeyringWrapper({
      platform: 'linux',
      env: {},
      call: async (operation) => {
        asked.push(operation);
        return null;
      },
    });
    expect(await wrapper.available()).toEqual({
      ok: false,
      reason: 'no_session_bus',
    });
    expect(asked).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('the real library (Secret Service: Linux only)', () => {
  const socketIn = () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'homeport-bus-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return path.join(folder, 'bus');
  };
  const available = (env: NodeJS.ProcessEnv) =>
    createKeyringWrapper({ env: { ...process.env, ...env } }).available();

  it('a bus that is not there: not available, with its reason', async () => {
    const answer = await available({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${socketIn()}` });
    expect(answer).toEqual({ ok: false, reason: expect.stringContaining('No such file') as string });
  });

  it('a bus that accepts and says nothing: not available after the time limit, and nothing hangs', async () => {
    const socket = socketIn();
    let accepted = 0;
    const silent = createServer(() => accepted++);
    await new Promise<void>((resolve) => silent.listen(socket, resolve));
    onTestFinished(() => void silent.close());
    const answer = await available({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` });
    expect(answer).toEqual({ ok: false, reason: expect.stringContaining('did not answer') as string });
    expect(accepted).toBeGreaterThan(0);
  });

  const hasBus = spawnSync('dbus-run-session', ['--version']).status === 0;
  it.skipIf(!hasBus)('a bus without a Secret Service: not available (needs dbus-run-session)', () => {
    const script = `
      import { createKeyringWrapper } from ${JSON.stringify(path.join(import.meta.dirname, 'keyring.ts'))};
      console.log(JSON.stringify(await createKeyringWrapper().available()));`;
    const args = ['--', process.execPath, '--input-type=module', '-e', script];
    const { stdout } = spawnSync('dbus-run-session', args, { encoding: 'utf8', timeout: 15_000 });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
  });

  const hasKeyring = hasBus && spawnSync('gnome-keyring-daemon', ['--version']).status === 0;
  it.skipIf(!hasKeyring)('a real Secret Service keeps the key (needs gnome-keyring-daemon)', () => {
    const script = `
      import { createKeyringWrapper } from ${JSON.stringify(path.join(import.meta.dirname, 'keyring.ts'))};
      const wrapper = createKeyringWrapper();
      const available = await wrapper.available();
      const wrapped = await wrapper.wrap(new Uint8Array(32).fill(7));
      const same = Buffer.from(await wrapper.unwrap(wrapped)).equals(Buffer.alloc(32, 7));
      await wrapper.forget(wrapped);
      const gone = await wrapper.unwrap(wrapped).then(() => false, () => true);
      console.log(JSON.stringify({ available, same, gone }));`;
    const home = mkdtempSync(path.join(tmpdir(), 'homeport-keyring-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const shell = `printf 'pw\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"`;
    const args = ['--', 'sh', '-c', shell, 'sh', process.execPath, '--input-type=module', '-e', script];
    const { stdout } = spawnSync('dbus-run-session', args, {
      encoding: 'utf8',
      timeout: 18_000,
      env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: home },
    });
    expect(JSON.parse(stdout)).toEqual({ available: { ok: true }, same: true, gone: true });
  });
});
