import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  statfsSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  availableShells,
  cannotRunLocally,
  createLocalLink,
  createLocalRoot,
  mountTmpfs,
} from './testing/local-exec.ts';
import type { LocalLink, LocalRoot } from './testing/local-exec.ts';
import { createRemoteRuns } from './runs.ts';
import type { FollowSink, RemoteRuns } from './types.ts';

const machineId = 'this machine';
const quiet = { info: () => undefined, error: () => undefined };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Keeps what it is given, and refuses bytes that do not continue what it has. */
function memorySink() {
  const kept = { output: Buffer.alloc(0), progress: Buffer.alloc(0) };
  const take = (name: 'output' | 'progress') => async (offset: number, bytes: Uint8Array) => {
    expect(offset).toBe(kept[name].length);
    kept[name] = Buffer.concat([kept[name], bytes]);
  };
  const down = vi.fn();
  const up = vi.fn();
  const sink: FollowSink = {
    output: take('output'),
    progress: take('progress'),
    linkDown: down,
    linkUp: up,
  };
  return { kept, sink, down, up };
}

const start = { output: 0, progress: 0 };

describe.skipIf(cannotRunLocally)('runs on this machine (needs root on Linux)', () => {
  let root: LocalRoot;
  let link: LocalLink;
  let runs: RemoteRuns;
  let id: string;
  const open = (shell = availableShells[0]) => {
    link = createLocalLink(shell);
    runs = createRemoteRuns({
      exec: link.exec,
      log: quiet,
      runsDir: root.runsDir,
      volatileDir: root.volatileDir,
      timing: { firstPauseMs: 5, longestPauseMs: 50 },
    });
  };
  const launch = (script: string) => runs.launch({ machineId, executionId: id, script });
  const file = (name: string) => root.path(id, name);

  beforeEach(() => {
    root = createLocalRoot();
    id = randomUUID();
    open();
  });
  afterEach(() => root.clean());

  describe.each(availableShells)('with %s', (shell) => {
    beforeEach(() => open(shell));

    it('brings back exactly what was written, with the exit code', async () => {
      const launched = await launch(
        `printf 'a\\000b\\377\\r\\n'; echo problem >&2; echo 'pmstatus:x:10:text' >&3; printf 'no newline'; exit 42`,
      );
      expect(launched).toEqual({
        how: 'setsid',
        bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
        alreadyThere: false,
      });
      const { kept, sink, down } = memorySink();
      const end = await runs.follow(machineId, id, start, sink);
      expect(kept.output.toString('latin1')).toBe('a\0b\xff\r\nproblem\nno newline');
      expect(kept.progress.toString()).toBe('pmstatus:x:10:text\n');
      expect(end).toEqual({
        kind: 'exited',
        exitCode: 42,
        outputSha256: sha256(kept.output),
        outputBytes: kept.output.length,
      });
      expect(await runs.inspect(machineId, id)).toEqual({ alive: false, end });
      expect(down).not.toHaveBeenCalled();
    });

    it('follows while it goes on, from any offset', async () => {
      const fifo = join(root.runsDir, '..', 'go');
      await launch(
        `echo first; mkfifo '${fifo}'; read -r line <'${fifo}'; echo "got $line"; echo 'phase:two' >&3`,
      );
      expect(await runs.inspect(machineId, id)).toEqual({ alive: true, end: null });
      const { kept, sink } = memorySink();
      const following = runs.follow(machineId, id, start, sink);
      await vi.waitFor(() => expect(kept.output.toString()).toBe('first\n'), { timeout: 5_000 });
      await vi.waitFor(() => expect(existsSync(fifo)).toBe(true));
      writeFileSync(fifo, 'word\n');
      expect(await following).toMatchObject({ kind: 'exited', exitCode: 0 });
      expect(kept.output.toString()).toBe('first\ngot word\n');

      const later: Buffer[] = [];
      await runs.follow(
        machineId,
        id,
        { output: 6, progress: kept.progress.length },
        {
          ...sink,
          output: async (offset, bytes) => {
            expect(offset).toBe(6);
            later.push(Buffer.from(bytes));
          },
        },
      );
      expect(Buffer.concat(later).toString()).toBe('got word\n');
    });

    it('loses and doubles nothing of 20 MB over connections cut anywhere', { timeout: 120_000 }, async () => {
      let seed = 7;
      link.cutAfterBytes = () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return link.calls === 1 ? null : seed % 3_000_000;
      };
      await launch(
        `i=0; while [ $i -lt 20 ]; do head -c 1048576 /dev/urandom; echo "dlstatus:$i:$i:x" >&3; i=$((i+1)); done`,
      );
      const { kept, sink, down, up } = memorySink();
      const parts: Uint8Array[] = [];
      let length = 0;
      const end = await runs.follow(machineId, id, start, {
        ...sink,
        output: async (offset, bytes) => {
          expect(offset).toBe(length);
          parts.push(bytes);
          length += bytes.length;
        },
      });
      expect(length).toBe(20 * 1_048_576);
      const sum = sha256(Buffer.concat(parts));
      expect(sum).toBe(sha256(readFileSync(file('output'))));
      expect(end).toEqual({ kind: 'exited', exitCode: 0, outputSha256: sum, outputBytes: length });
      expect(kept.progress.equals(readFileSync(file('progress')))).toBe(true);
      expect(down).toHaveBeenCalled();
      expect(up).toHaveBeenCalledTimes(down.mock.calls.length);
    });

    it('says interrupted when everything of the run was killed', async () => {
      await launch('echo begun; exec sleep 300');
      const { pid } = JSON.parse(readFileSync(file('status.json'), 'utf8')) as { pid: number };
      const { kept, sink } = memorySink();
      const following = runs.follow(machineId, id, start, sink);
      await vi.waitFor(() => expect(kept.output.toString()).toBe('begun\n'), { timeout: 5_000 });
      process.kill(-pid, 'SIGKILL');
      expect(await following).toEqual({
        kind: 'interrupted',
        outputSha256: sha256(kept.output),
        outputBytes: 6,
      });
    });

    it('is not ended while its script goes on without the wrapper', async () => {
      await launch('echo begun; exec sleep 300');
      const { pid } = JSON.parse(readFileSync(file('status.json'), 'utf8')) as { pid: number };
      process.kill(pid, 'SIGKILL');
      expect(await runs.inspect(machineId, id)).toEqual({ alive: true, end: null });
      await expect(runs.remove(machineId, id)).rejects.toMatchObject({ code: 'conflict' });
      process.kill(-pid, 'SIGKILL');
      await vi.waitFor(async () =>
        expect(await runs.inspect(machineId, id)).toMatchObject({
          alive: false,
          end: { kind: 'interrupted' },
        }),
      );
    });

    it('cancels what is not dpkg, and the exit code is still written', async () => {
      await launch('echo begun; sleep 300; echo never');
      const { kept, sink } = memorySink();
      const following = runs.follow(machineId, id, start, sink);
      await vi.waitFor(() => expect(kept.output.toString()).toBe('begun\n'), { timeout: 5_000 });
      expect(await runs.cancel(machineId, id)).toBe(true);
      expect(await following).toMatchObject({ kind: 'exited', exitCode: 143 });
      expect(kept.output.toString()).not.toContain('never');
      expect(await runs.cancel(machineId, id)).toBe(false);
    });

    it('refuses to cancel while dpkg runs, also in a session of its own, and leaves it running', async () => {
      const dpkg = join(root.runsDir, '..', 'dpkg');
      const go = join(root.runsDir, '..', 'go');
      // A process named dpkg that ends when the file appears.
      await launch(
        `printf '#!/bin/sh\\nuntil [ -e ${go} ]; do sleep 0.1; done\\n' > '${dpkg}'; chmod +x '${dpkg}'; setsid -w '${dpkg}'; echo configured`,
      );
      const { sink } = memorySink();
      const following = runs.follow(machineId, id, start, sink);
      await vi.waitFor(() => expect(existsSync(dpkg)).toBe(true));
      await vi.waitFor(async () => expect(await runs.cancel(machineId, id)).toBe(false));
      expect(await runs.inspect(machineId, id)).toEqual({ alive: true, end: null });
      writeFileSync(go, '');
      expect(await following).toMatchObject({ kind: 'exited', exitCode: 0 });
    });

    it('refuses to cancel between two calls of dpkg', async () => {
      await launch(`echo 'phase:upgrade' >&3; echo 'pmstatus:x:50:Unpacking' >&3; exec sleep 300`);
      await vi.waitFor(() => expect(readFileSync(file('progress'), 'utf8')).toContain('pmstatus'));
      expect(await runs.cancel(machineId, id)).toBe(false);
      writeFileSync(file('progress'), 'phase:reload\n', { flag: 'a' });
      expect(await runs.cancel(machineId, id)).toBe(true);
    });

    it('starts once, however many launches run at the same time', async () => {
      const counter = join(root.runsDir, '..', 'started');
      const all = await Promise.all(
        Array.from({ length: 6 }, () => launch(`echo x >> '${counter}'; sleep 0.3`)),
      );
      expect(all.every((launched) => launched.how === 'setsid')).toBe(true);
      await runs.follow(machineId, id, start, memorySink().sink);
      expect(readFileSync(counter, 'utf8')).toBe('x\n');
      expect((await launch('echo again')).alreadyThere).toBe(true);
      expect(readFileSync(file('output'), 'utf8')).toBe('');
    });

    it('never runs a script that arrived in part, and leaves nothing of it', async () => {
      link.stdinLimit = 10;
      await expect(launch('echo one; echo two; echo three')).rejects.toMatchObject({
        code: 'ssh_connection_lost',
      });
      expect(existsSync(join(root.runsDir, id))).toBe(false);
      link.stdinLimit = null;
      expect(await launch('echo one; echo two; echo three')).toMatchObject({ alreadyThere: false });
    });

    it('completes a launch that was cut before the start', async () => {
      mkdirSync(join(root.runsDir, id), { recursive: true });
      writeFileSync(file('cmd.sh'), 'echo hal');
      writeFileSync(file('cmd.0123'), 'echo');
      expect(await runs.inspect(machineId, id)).toEqual({ alive: false, end: null });
      expect(await launch('echo whole')).toMatchObject({ alreadyThere: false });
      const { kept, sink } = memorySink();
      await runs.follow(machineId, id, start, sink);
      expect(kept.output.toString()).toBe('whole\n');
    });

    it(
      'says that it was started, also to a launch that finds it ended already',
      { timeout: 60_000 },
      async () => {
        // The run ends at once: with luck between two lines of the other launch. Some rounds meet that.
        for (let round = 0; round < 12; round++) {
          id = randomUUID();
          const all = await Promise.all(Array.from({ length: 4 }, () => launch('echo once; exit 7')));
          expect(new Set(all.map(({ how }) => how))).toEqual(new Set(['setsid']));
          const { kept, sink } = memorySink();
          expect(await runs.follow(machineId, id, start, sink)).toMatchObject({
            kind: 'exited',
            exitCode: 7,
          });
          expect(kept.output.toString()).toBe('once\n');
        }
      },
    );

    it('starts exactly once after launches that were cut anywhere', { timeout: 120_000 }, async () => {
      const counter = join(root.runsDir, '..', 'started');
      let cut = 0;
      for (let delayMs = 0; delayMs < 60; delayMs += 4) {
        id = randomUUID();
        const script = `echo '${id}' >> '${counter}'`;
        const signal = AbortSignal.timeout(delayMs);
        await runs.launch({ machineId, executionId: id, script, signal }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'cancelled' });
          cut += 1;
        });
        await launch(script);
        expect(await runs.follow(machineId, id, start, memorySink().sink)).toMatchObject({ exitCode: 0 });
        expect(readFileSync(counter, 'utf8').split(id)).toHaveLength(2);
        await runs.remove(machineId, id);
      }
      expect(cut).toBeGreaterThan(0);
      expect(readdirSync(root.runsDir)).toEqual([]);
    });

    it('reads files of a run, and only those', async () => {
      await launch(`printf 'x\\000y\\n\\n' > before; ln -s /etc/passwd after; mkdir folder`);
      await runs.follow(machineId, id, start, memorySink().sink);
      expect(Buffer.from((await runs.readFile(machineId, id, 'before', 100)) ?? [])).toEqual(
        Buffer.from('x\0y\n\n'),
      );
      expect(await runs.readFile(machineId, id, 'after', 100_000)).toBeNull();
      expect(await runs.readFile(machineId, id, 'folder', 100_000)).toBeNull();
      expect(await runs.readFile(machineId, id, 'missing', 100)).toBeNull();
      expect(await runs.readFile(machineId, randomUUID(), 'before', 100)).toBeNull();
      await expect(runs.readFile(machineId, id, 'before', 4)).rejects.toMatchObject({
        code: 'output_too_large',
        data: { sizeBytes: 5 },
      });
    });

    it('removes the directory of an ended run only', async () => {
      await launch('sleep 300');
      await expect(runs.remove(machineId, id)).rejects.toMatchObject({ code: 'conflict' });
      await runs.cancel(machineId, id);
      await runs.follow(machineId, id, start, memorySink().sink);
      await runs.remove(machineId, id);
      expect(existsSync(join(root.runsDir, id))).toBe(false);
      await runs.remove(machineId, id);
      expect(await runs.follow(machineId, id, start, memorySink().sink)).toEqual({ kind: 'absent' });
      expect(await runs.inspect(machineId, id)).toEqual({ alive: false, end: { kind: 'absent' } });
    });

    it('sweeps old ended runs, never a living, young or strange one', async () => {
      const old = new Date(Date.now() - 3_600_000);
      const age = (name: string) => {
        for (const part of ['output', 'exit', '.'])
          if (existsSync(join(root.runsDir, name, part)))
            utimesSync(join(root.runsDir, name, part), old, old);
      };
      const ended = id;
      await launch('true');
      await runs.follow(machineId, id, start, memorySink().sink);
      age(ended);
      id = randomUUID();
      const young = id;
      await launch('true');
      await runs.follow(machineId, id, start, memorySink().sink);
      id = randomUUID();
      const living = id;
      await launch('sleep 300');
      age(living);
      const target = join(root.runsDir, '..', 'precious');
      mkdirSync(target);
      writeFileSync(join(target, 'file'), 'x');
      const linked = randomUUID();
      symlinkSync(target, join(root.runsDir, linked));
      symlinkSync(target, join(root.runsDir, ended, 'link'));
      const strange = ['not-a-uuid', 'ZZZZZZZZ-0000-0000-0000-000000000000', 'a b\nc'];
      for (const name of strange) mkdirSync(join(root.runsDir, name));
      age(ended);

      expect(await runs.sweep(machineId, 600)).toEqual([ended]);
      expect(existsSync(join(root.runsDir, ended))).toBe(false);
      expect(existsSync(join(target, 'file'))).toBe(true);
      for (const name of [young, living, linked, ...strange])
        expect(existsSync(join(root.runsDir, name))).toBe(true);
    });

    it('does not follow a link that stands in the place of a run', async () => {
      const target = join(root.runsDir, '..', 'elsewhere');
      mkdirSync(target, { recursive: true });
      mkdirSync(root.runsDir, { recursive: true });
      writeFileSync(join(target, 'output'), 'secret');
      symlinkSync(target, join(root.runsDir, id));
      await expect(launch('echo')).rejects.toMatchObject({ code: 'not_allowed' });
      expect(await runs.inspect(machineId, id)).toEqual({ alive: false, end: { kind: 'absent' } });
      expect(await runs.follow(machineId, id, start, memorySink().sink)).toEqual({ kind: 'absent' });
      expect(await runs.readFile(machineId, id, 'output', 100)).toBeNull();
      await runs.remove(machineId, id);
      expect(readFileSync(join(target, 'output'), 'utf8')).toBe('secret');
    });
  });

  it('sees a reboot by the boot id, and keeps what the host still has', async () => {
    await launch('echo half; exec sleep 300');
    await vi.waitFor(() => expect(readFileSync(file('output'), 'utf8')).toBe('half\n'));
    const status = JSON.parse(readFileSync(file('status.json'), 'utf8')) as { pid: number };
    process.kill(-status.pid, 'SIGKILL');
    writeFileSync(file('status.json'), `${JSON.stringify({ ...status, boot_id: randomUUID() })}\n`);
    const rebooted = {
      kind: 'interrupted_by_reboot',
      outputSha256: sha256(Buffer.from('half\n')),
      outputBytes: 5,
    };
    expect(await runs.follow(machineId, id, start, memorySink().sink)).toEqual(rebooted);
    // A power cut can leave less than was sent already.
    expect(await runs.follow(machineId, id, { output: 9, progress: 0 }, memorySink().sink)).toEqual(rebooted);
    // A status file that the power cut left empty.
    writeFileSync(file('status.json'), '');
    expect(await runs.inspect(machineId, id)).toEqual({ alive: false, end: rebooted });
  });

  it('does not take another process with the same number for the run', async () => {
    await launch('exec sleep 300');
    const status = JSON.parse(readFileSync(file('status.json'), 'utf8')) as Record<string, unknown>;
    process.kill(-Number(status['pid']), 'SIGKILL');
    writeFileSync(file('status.json'), `${JSON.stringify({ ...status, pid: process.pid })}\n`);
    expect(await runs.inspect(machineId, id)).toMatchObject({ alive: false, end: { kind: 'interrupted' } });
    expect(await runs.cancel(machineId, id)).toBe(false);
  });

  it('reports lost output when a living run has less than was received', async () => {
    await launch('echo x; exec sleep 300');
    await expect(
      runs.follow(machineId, id, { output: 100, progress: 0 }, memorySink().sink),
    ).rejects.toMatchObject({ code: 'execution_output_lost' });
  });

  it('gives the script a clean place: root-only files, usual umask, no terminal, no input', async () => {
    await launch(
      `umask; pwd; cat; ls -l /proc/self/fd/0 | sed 's/.*-> //'; env | cut -d= -f1 | sort | tr '\\n' ' '`,
    );
    const { kept, sink } = memorySink();
    await runs.follow(machineId, id, start, sink);
    const lines = kept.output.toString().split('\n');
    expect(lines[0]).toBe('0022');
    expect(lines[1]).toBe(join(root.runsDir, id));
    expect(lines[2]).toBe('/dev/null');
    expect(lines[3]?.trim()).toBe('HOME LC_ALL LOGNAME PATH PWD SHELL USER');
    expect(statSync(join(root.runsDir, id)).mode & 0o777).toBe(0o700);
    expect(statSync(root.runsDir).mode & 0o777).toBe(0o700);
    for (const name of ['cmd.sh', 'output', 'progress', 'status.json', 'exit'])
      expect(statSync(file(name)).mode & 0o077).toBe(0);
  });

  it('a full disk at the start is an error that leaves nothing behind', async () => {
    const disk = mountTmpfs('size=64k');
    try {
      root.clean();
      root = createLocalRoot(join(disk.path, 'x'));
      open();
      writeFileSync(join(disk.path, 'filler'), Buffer.alloc(32 * 1024));
      await expect(launch(`#${'x'.repeat(60_000)}`)).rejects.toMatchObject({ code: 'disk_full' });
      expect(existsSync(join(root.runsDir, id))).toBe(false);
    } finally {
      disk.unmount();
    }
  });

  it('a read-only file system at the start is an error of its own', async () => {
    const disk = mountTmpfs('size=64k');
    try {
      root.clean();
      root = createLocalRoot(join(disk.path, 'x'));
      open();
      disk.remount('ro');
      await expect(launch('echo')).rejects.toMatchObject({ code: 'read_only_filesystem' });
    } finally {
      disk.unmount();
    }
  });

  it('writes the exit code although the run filled the disk', async () => {
    const disk = mountTmpfs('size=256k');
    try {
      root.clean();
      root = createLocalRoot(join(disk.path, 'x'));
      open();
      await launch('head -c 1000000 /dev/zero > filler; printf full; exit 7');
      const { sink } = memorySink();
      expect(await runs.follow(machineId, id, start, sink)).toMatchObject({ kind: 'exited', exitCode: 7 });
      expect(statfsSync(disk.path).bavail).toBe(0);
      expect(existsSync(root.volatileDir)).toBe(false);
      await runs.remove(machineId, id);
      expect(existsSync(join(root.runsDir, id))).toBe(false);
    } finally {
      disk.unmount();
    }
  });

  it('keeps the exit code in memory when the run directory takes nothing any more', async () => {
    // A folder of that name stands for a directory that became read-only.
    await launch('mkdir -p exit/exit.new; echo x > exit/exit.new/x; exit 9');
    expect(await runs.follow(machineId, id, start, memorySink().sink)).toMatchObject({ exitCode: 9 });
    expect(existsSync(join(root.volatileDir, `${id}.exit`))).toBe(true);
    await runs.remove(machineId, id);
    expect(existsSync(join(root.volatileDir, `${id}.exit`))).toBe(false);
  });

  it('ends although something that the run left behind goes on writing', async () => {
    // While the file is there: removing the folder ends the loop as well.
    const talking = join(root.runsDir, '..', 'talking');
    await launch(`: >${talking}; setsid sh -c 'while [ -e ${talking} ]; do echo noise; done' & sleep 0.2`);
    const { kept, sink } = memorySink();
    const end = await runs.follow(machineId, id, start, sink);
    rmSync(talking);
    expect(end).toMatchObject({ kind: 'exited', exitCode: 0, outputSha256: sha256(kept.output) });
  });

  it.each(['', '../x', 'a/b', '.hidden', '-n', 'a b', 'a\n', 'x'.repeat(65)])(
    'refuses %j as the name of a file',
    async (name) => {
      await expect(runs.readFile(machineId, id, name, 10)).rejects.toMatchObject({ code: 'invalid_input' });
      expect(link.calls).toBe(0);
    },
  );

  it.each(['', '..', 'x; reboot', `${'0'.repeat(8)}-0000-0000-0000-00000000000'`])(
    'refuses %j as an execution id everywhere',
    async (executionId) => {
      const { sink } = memorySink();
      for (const call of [
        () => runs.launch({ machineId, executionId, script: 'true' }),
        () => runs.follow(machineId, executionId, start, sink),
        () => runs.inspect(machineId, executionId),
        () => runs.readFile(machineId, executionId, 'before', 10),
        () => runs.cancel(machineId, executionId),
        () => runs.remove(machineId, executionId),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'invalid_input' });
      expect(link.calls).toBe(0);
    },
  );
});
