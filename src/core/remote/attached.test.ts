import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { createAttachedRuns } from './attached.ts';
import { availableShells, cannotRunLocally, createLocalLink, createLocalRoot } from './testing/local-exec.ts';
import type { LocalLink, LocalRoot } from './testing/local-exec.ts';
import type { AttachedRuns, FollowSink } from './types.ts';

const machineId = 'this machine';
const quiet = { info: () => undefined, error: () => undefined };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function memorySink() {
  const kept = { output: Buffer.alloc(0), progress: Buffer.alloc(0) };
  const take = (name: 'output' | 'progress') => async (offset: number, bytes: Uint8Array) => {
    expect(offset).toBe(kept[name].length);
    kept[name] = Buffer.concat([kept[name], bytes]);
  };
  const sink: FollowSink = {
    output: take('output'),
    progress: take('progress'),
    linkDown: vi.fn(),
    linkUp: vi.fn(),
  };
  return { kept, sink };
}

describe.skipIf(cannotRunLocally)('attached runs on this machine (needs root on Linux)', () => {
  let root: LocalRoot;
  let link: LocalLink;
  let runs: AttachedRuns;
  let id: string;
  const open = (shell = availableShells[0]) => {
    link = createLocalLink(shell);
    link.hangUp = 'SIGHUP';
    runs = createAttachedRuns({
      exec: link.exec,
      log: quiet,
      runsDir: root.runsDir,
      volatileDir: root.runsDir,
      timing: { firstPauseMs: 5, longestPauseMs: 50 },
    });
  };
  const hold = (script: string, sink: FollowSink, signal?: AbortSignal) => {
    const onStarted = vi.fn<(bootId: string) => void>();
    const ended = runs.hold(
      { machineId, executionId: id, script, ...(signal && { signal }) },
      sink,
      onStarted,
    );
    return { ended, onStarted };
  };

  beforeEach(() => {
    root = createLocalRoot();
    mkdirSync(root.runsDir.replace(/\/[^/]+$/, ''), { recursive: true });
    id = randomUUID();
    open();
  });
  afterEach(() => root.clean());

  describe.each(availableShells)('with %s', (shell) => {
    beforeEach(() => open(shell));

    it('brings back exactly what was written over the one connection, with the exit code', async () => {
      const { kept, sink } = memorySink();
      const { ended, onStarted } = hold(
        `printf 'a\\000b\\377\\r\\n'; echo "it's a problem" >&2; echo 'pmstatus:x:10:text' >&3; head -c 300000 /dev/urandom; exit 42`,
        sink,
      );
      const held = await ended;
      expect(kept.output.subarray(0, 21).toString('latin1')).toBe("a\0b\xff\r\nit's a problem\n");
      expect(kept.output.length).toBe(300_021);
      expect(kept.progress.toString()).toBe('pmstatus:x:10:text\n');
      const end = {
        kind: 'exited',
        exitCode: 42,
        outputSha256: sha256(kept.output),
        outputBytes: kept.output.length,
      };
      expect(held).toEqual({ kind: 'ended', end });
      expect(onStarted).toHaveBeenCalledOnce();
      expect(link.calls).toBe(1);
      await runs.remove(machineId, id);
      expect(existsSync(root.runsDir)).toBe(false);
    });

    it('is stopped by the host when the connection goes while nothing is unpacked', async () => {
      const { kept, sink } = memorySink();
      link.cutAfterBytes = () => 400;
      const { ended } = hold(
        `trap '' HUP; echo 'dlstatus:1:10:x' >&3; while :; do echo fetching; sleep 0.05; done`,
        sink,
      );
      expect(await ended).toMatchObject({ kind: 'lost', error: { code: 'ssh_connection_lost' } });
      expect(kept.output.toString()).toContain('fetching');
      link.cutAfterBytes = () => null;
      await vi.waitFor(async () => expect((await runs.inspect(machineId, id)).alive).toBe(false), 8_000);
      const end = await runs.follow(
        machineId,
        id,
        { output: kept.output.length, progress: 0 },
        { ...sink, progress: async () => undefined },
      );
      expect(end).toMatchObject({ kind: 'exited', exitCode: 143, outputSha256: sha256(kept.output) });
    });
  });

  it('lets dpkg alone when the connection is closed while it is at work', async () => {
    const { kept, sink } = memorySink();
    const stop = new AbortController();
    const { ended } = hold(
      `echo 'pmstatus:x:10:text' >&3; echo begun; sleep 1.5; echo whole; exit 0`,
      sink,
      stop.signal,
    );
    await vi.waitFor(() => expect(kept.output.toString()).toBe('begun\n'), 5_000);
    stop.abort('closing');
    expect(await ended).toMatchObject({ kind: 'lost', error: { code: 'cancelled' } });
    const end = await runs.follow(
      machineId,
      id,
      { output: 6, progress: 0 },
      { ...sink, progress: async () => undefined },
    );
    expect(end).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(kept.output.toString()).toBe('begun\nwhole\n');
  });

  it('can be cancelled by the rule of every run', async () => {
    const { kept, sink } = memorySink();
    const { ended } = hold(`echo 'dlstatus:1:10:x' >&3; echo begun; while :; do sleep 0.05; done`, sink);
    await vi.waitFor(() => expect(kept.output.toString()).toBe('begun\n'), 5_000);
    expect(await runs.cancel(machineId, id)).toBe(true);
    expect(await ended).toMatchObject({ kind: 'ended', end: { kind: 'exited', exitCode: 143 } });
  });

  it('refuses a directory that was put in its way, and starts nothing', async () => {
    const { sink } = memorySink();
    writeFileSync(root.runsDir, '');
    await expect(hold('touch /nowhere-attached', sink).ended).rejects.toMatchObject({ code: 'unknown' });
    expect(existsSync('/nowhere-attached')).toBe(false);
    rmSync(root.runsDir);
  });

  it('says that nothing was started when the machine cannot be reached or lets nobody in', async () => {
    const { sink } = memorySink();
    for (const code of ['ssh_unreachable', 'ssh_auth_failed', 'sudo_password_wrong'] as const) {
      runs = createAttachedRuns({ exec: () => Promise.reject(new AppError(code, code)), log: quiet });
      await expect(hold('true', sink).ended).rejects.toMatchObject({ code });
    }
  });

  it('does not know whether anything was started when the link breaks before the first word', async () => {
    const { sink } = memorySink();
    runs = createAttachedRuns({
      exec: () => Promise.reject(new AppError('ssh_connection_lost', 'gone')),
      log: quiet,
    });
    expect(await hold('true', sink).ended).toMatchObject({ kind: 'lost' });
  });
});
