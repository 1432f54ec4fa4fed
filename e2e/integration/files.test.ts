import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toAppError } from '../../src/shared/domain/errors.ts';
import { quote } from '../../src/shared/domain/shell-word.ts';
import { startApp, type AppProcess } from '../support/app-process.ts';
import { addHost, openVault } from '../support/core-session.ts';
import { fetchFile, listFiles, sendFile, sha256, transfersNow } from '../support/transfers.ts';
import { createTestbed, unavailableReason, until, type Testbed, type TestbedHost } from '../testbed/index.ts';

const unavailable = unavailableReason();
const MiB = 1024 * 1024;
const home = '/home/ops';

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => toAppError(error).code,
  );

describe.skipIf(unavailable !== null)(
  `files of real hosts${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  () => {
    let bed: Testbed;
    let host: TestbedHost;
    let app: AppProcess;
    let dataDir: string;
    let machineId: string;
    let client: AppProcess['client'];
    beforeAll(async () => {
      bed = await createTestbed({ name: 'files', hosts: [{ name: 'files', packages: ['clean'] }] });
      host = bed.host('files');
      dataDir = mkdtempSync(join(tmpdir(), 'homeport-files-'));
      app = await startApp(dataDir);
      client = app.client;
      await openVault(app);
      machineId = await addHost(app, host);
    }, 300_000);
    afterAll(async () => {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
      await bed.close();
    });

    const send = (name: string, bytes: Uint8Array, more: object = {}) =>
      sendFile(client, { machineId, directory: home, name, bytes, ...more });
    const hashThere = async (path: string): Promise<string> =>
      (await host.run(`sha256sum < ${path}`)).stdout.slice(0, 64);
    const partsLeft = async (): Promise<string> =>
      (await host.run(`find / -xdev -name ".homeport-*.part" 2>/dev/null; true`)).stdout;
    const sshdThere = async (): Promise<number> =>
      Number((await host.run('pgrep -c sftp-server || true')).stdout.trim());

    it('brings 320 MB there and back byte for byte, a little at a time', async () => {
      const bytes = randomBytes(320 * MiB);
      app.resetPeak();
      const before = app.peakBytes();
      await send('big.bin', bytes);
      expect(await hashThere(`${home}/big.bin`)).toBe(sha256(bytes));
      const { bytes: back, headers } = await fetchFile(app, machineId, `${home}/big.bin`);
      expect(sha256(back)).toBe(sha256(bytes));
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="big.bin"; filename*=UTF-8''big.bin`,
      );
      expect(headers.get('content-type')).toBe('application/octet-stream');
      // Less than the file: what is on its way, and what a busy machine has not collected yet.
      expect(app.peakBytes() - before).toBeLessThan(256 * MiB);
      const stat = await host.run(`stat -c '%a %U %Y' ${home}/big.bin`);
      expect(stat.stdout.trim()).toBe('644 ops 1700000000');
      const done = (await transfersNow(client)).map(({ direction, state, doneBytes }) => [
        direction,
        state,
        doneBytes,
      ]);
      expect(done).toEqual([
        ['download', 'done', 320 * MiB],
        ['upload', 'done', 320 * MiB],
      ]);
      // The rest of it, as a browser asks after a download that broke; and not of a file that is another one now.
      const { href } = await client['files.download']({ machineId, path: `${home}/big.bin` });
      const rest = await app.fetch(href, { headers: { range: `bytes=${319 * MiB}-` } });
      expect(rest.status).toBe(206);
      expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(319 * MiB))).toBe(true);
      expect((await app.fetch('/download/no-such-ticket/x')).status).toBe(404);
    });

    it('goes on where it stood when the link is cut in the middle, both ways', async () => {
      const bytes = randomBytes(24 * MiB);
      let cuts = 0;
      const cut = async () => {
        cuts += 1;
        await host.run('pkill -KILL -u ops sshd');
      };
      const sending = send('cut.bin', bytes, { pace: 8 * MiB });
      await until(
        'a part is there',
        async () => ((await transfersNow(client))[0]?.doneBytes ?? 0) > 4 * MiB || null,
        20_000,
      );
      await cut();
      await sending;
      expect(await hashThere(`${home}/cut.bin`)).toBe(sha256(bytes));
      const { bytes: back } = await fetchFile(app, machineId, `${home}/cut.bin`, async (count) => {
        if (count > 6 * MiB && cuts === 1) await cut();
      });
      expect(sha256(back)).toBe(sha256(bytes));
      expect(cuts).toBe(2);
      expect(await partsLeft()).toBe('');
    });

    it('keeps what broke when its sender goes, and goes on with the same file only', async () => {
      const bytes = randomBytes(8 * MiB);
      const id = crypto.randomUUID();
      const stream = client['files.upload']({
        id,
        machineId,
        directory: home,
        name: 'broken.bin',
        sizeBytes: bytes.byteLength,
        modifiedMs: 1_700_000_000_000,
        conflict: 'refuse',
      });
      stream.write(bytes.subarray(0, 3 * MiB));
      const now = async () => (await transfersNow(client)).find((one) => one.id === id);
      await until('3 MB are there', async () => ((await now())?.doneBytes ?? 0) >= 3 * MiB || null, 20_000);
      stream.close();
      await until('broken', async () => (await now())?.state === 'broken' || null, 10_000);
      const same = { id, sizeBytes: bytes.byteLength, modifiedMs: 1_700_000_000_000 };
      expect(await codeOf(client['files.resumePoint']({ ...same, modifiedMs: 1 }))).toBe('file_changed');
      const point = await client['files.resumePoint'](same);
      expect(point.offsetBytes).toBeGreaterThanOrEqual(3 * MiB - 64 * 1024);
      const tail = Buffer.from(point.tailBase64, 'base64');
      expect(tail.equals(bytes.subarray(point.offsetBytes - tail.byteLength, point.offsetBytes))).toBe(true);
      await sendFile(client, { id, machineId, directory: home, name: '', bytes }, point.offsetBytes);
      expect(await hashThere(`${home}/broken.bin`)).toBe(sha256(bytes));
      // Somebody touched what had arrived: it is not gone on with.
      const other = crypto.randomUUID();
      const second = client['files.upload']({
        ...same,
        id: other,
        machineId,
        directory: home,
        name: 'touched.bin',
        conflict: 'refuse',
      });
      second.write(bytes.subarray(0, MiB));
      const found = async () => (await transfersNow(client)).find((one) => one.id === other);
      await until('1 MB is there', async () => ((await found())?.doneBytes ?? 0) >= MiB || null, 20_000);
      second.close();
      await until('broken', async () => (await found())?.state === 'broken' || null, 10_000);
      await host.run(
        `f=$(find ${home} -name '.homeport-*.part'); printf x | dd of=$f bs=1 seek=1048570 conv=notrunc`,
      );
      expect(await codeOf(client['files.resumePoint']({ ...same, id: other }))).toBe('file_changed');
      await client['files.cancelTransfer']({ id: other });
      expect((await found())?.state).toBe('cancelled');
      expect(await partsLeft()).toBe('');
    });

    it('remembers over kill -9 what it had sent, goes on with it, and takes away what is given up', async () => {
      const bytes = randomBytes(12 * MiB);
      const begin = (name: string) => {
        const id = crypto.randomUUID();
        const stream = client['files.upload']({
          id,
          machineId,
          directory: home,
          name,
          sizeBytes: bytes.byteLength,
          modifiedMs: 1_700_000_000_000,
          conflict: 'refuse',
        });
        stream.write(bytes.subarray(0, 4 * MiB));
        return id;
      };
      const [kept, dropped] = [begin('kept.bin'), begin('dropped.bin')];
      const find = async (id: string) => (await transfersNow(client)).find((one) => one.id === id);
      for (const id of [kept, dropped])
        await until('4 MB are there', async () => (await find(id))?.doneBytes === 4 * MiB || null, 20_000);
      await app.kill9();
      app = await startApp(dataDir);
      client = app.client;
      // What it was sending is known before anybody asks the machine, and how much of it is there once it is asked.
      expect(await find(kept)).toMatchObject({ state: 'broken', path: `${home}/kept.bin`, doneBytes: 0 });
      await openVault(app);
      await listFiles(client, machineId, home);
      await until('it is known', async () => (await find(kept))?.doneBytes === 3 * MiB || null, 10_000);
      expect((await partsLeft()).trim().split('\n')).toHaveLength(2);
      const same = { id: kept, sizeBytes: bytes.byteLength, modifiedMs: 1_700_000_000_000 };
      const { offsetBytes, tailBase64 } = await client['files.resumePoint'](same);
      expect(offsetBytes).toBe(3 * MiB);
      expect(Buffer.from(tailBase64, 'base64').equals(bytes.subarray(3 * MiB - 4096, 3 * MiB))).toBe(true);
      await sendFile(client, { id: kept, machineId, directory: home, name: '', bytes }, offsetBytes);
      expect(await hashThere(`${home}/kept.bin`)).toBe(sha256(bytes));
      expect((await host.run(`stat -c '%a %U %Y' ${home}/kept.bin`)).stdout.trim()).toBe(
        '644 ops 1700000000',
      );
      // Given up while the machine does not let us: taken off at the next contact, even by another start.
      await host.run('chmod 700 /usr/lib/openssh/sftp-server');
      await client['files.cancelTransfer']({ id: dropped });
      expect((await find(dropped))?.state).toBe('cancelled');
      await host.run('chmod 755 /usr/lib/openssh/sftp-server');
      expect((await partsLeft()).trim()).toContain('.part');
      await app.close();
      app = await startApp(dataDir);
      client = app.client;
      await openVault(app);
      expect(await transfersNow(client)).toEqual([]);
      await listFiles(client, machineId, home);
      await until('nothing is left', async () => (await partsLeft()) === '' || null, 10_000);
    }, 120_000);

    it('is cancelled on the way and leaves nothing', async () => {
      const sending = codeOf(send('cancelled.bin', randomBytes(16 * MiB), { pace: 4 * MiB }));
      const moving = await until(
        'it moves',
        async () => {
          const [first] = await transfersNow(client);
          return first?.path.endsWith('cancelled.bin') && first.doneBytes > MiB ? first : null;
        },
        20_000,
      );
      expect(moving.bytesPerSecond).toBeGreaterThan(0);
      await client['files.cancelTransfer']({ id: moving.id });
      expect(await sending).toBe('cancelled');
      expect((await transfersNow(client))[0]?.state).toBe('cancelled');
      expect(await partsLeft()).toBe('');
      expect((await host.run(`test -e ${home}/cancelled.bin`)).code).not.toBe(0);
    });

    it('refuses before a byte flows where there is no room, no right, or a name that is taken', async () => {
      await host.run('mkdir -p /mnt/small && mount -t tmpfs -o size=2m,mode=1777 tmpfs /mnt/small');
      const at = (directory: string, name: string, bytes: Uint8Array, conflict?: 'replace' | 'keep_both') =>
        codeOf(sendFile(client, { machineId, directory, name, bytes, ...(conflict && { conflict }) }));
      expect(await at('/mnt/small', 'large', randomBytes(3 * MiB))).toBe('disk_full');
      // Full only while it is written: somebody else takes the room.
      const racing = at('/mnt/small', 'racing', randomBytes(Math.floor(1.5 * MiB)));
      await host.run('head -c 1M /dev/zero > /mnt/small/other; true');
      expect(['disk_full', 'none']).toContain(await racing);
      await host.run('head -c 4M /dev/zero > /mnt/small/other; true');
      expect(await at('/mnt/small', 'one', randomBytes(64))).toBe('disk_full');
      await host.run('rm -f /mnt/small/*; mount -o remount,ro /mnt/small');
      expect(await at('/mnt/small', 'one', randomBytes(64))).toBe('read_only_filesystem');
      expect(await at('/etc', 'homeport-test', randomBytes(64))).toBe('file_permission');
      expect(await codeOf(client['files.readText']({ machineId, path: '/etc/shadow' }))).toBe(
        'file_permission',
      );
      expect(await at('/no/such/place', 'one', randomBytes(64))).toBe('file_not_found');
      const first = randomBytes(100);
      expect(await at(home, 'taken.txt', first)).toBe('none');
      expect(await at(home, 'taken.txt', randomBytes(10))).toBe('file_exists');
      expect(await hashThere(`${home}/taken.txt`)).toBe(sha256(first));
      expect(await at(home, 'taken.txt', randomBytes(10), 'keep_both')).toBe('none');
      expect(await hashThere(`${home}/taken.txt`)).toBe(sha256(first));
      await host.run(`chmod 640 ${home}/taken.txt; ln -s taken.txt ${home}/link.txt`);
      const second = randomBytes(200);
      expect(await at(home, 'link.txt', second, 'replace')).toBe('none');
      const there = await host.run(
        `stat -c %a ${home}/taken.txt; readlink ${home}/link.txt; ls ${home} | grep '^taken'`,
      );
      expect(there.stdout).toBe('640\ntaken.txt\ntaken (2).txt\ntaken.txt\n');
      expect(await hashThere(`${home}/taken.txt`)).toBe(sha256(second));
      expect(await partsLeft()).toBe('');
      await host.run('umount /mnt/small');
    });

    it('gives a new file what the machine gives one, and a replaced one what it had', async () => {
      const rc = `${home}/.bashrc`;
      await host.run(`cp -p ${rc} ${rc}.kept; mkdir ${home}/modes; chown ops:ops ${home}/modes`);
      const into = `${home}/modes`;
      const put = (name: string, conflict?: 'replace' | 'keep_both') =>
        sendFile(client, {
          machineId,
          directory: into,
          name,
          bytes: randomBytes(10),
          ...(conflict && { conflict }),
        });
      for (const umask of ['022', '077', '002']) {
        await host.run(`sed '1i umask ${umask}' ${rc}.kept > ${rc}`);
        await put(umask);
      }
      // With an umask that would open it to the group: it stays closed, and its owner and group stay.
      await host.run(
        `cd ${into}; touch shut wide; chown ops:ops shut; chown ops:games wide; chmod 600 shut; chmod 4755 wide; usermod -aG games ops`,
      );
      // Its groups are those of its login.
      await host.run('pkill -KILL -u ops sshd');
      await put('shut', 'replace');
      await put('wide', 'replace');
      await put('shut', 'keep_both');
      expect((await host.run(`cd ${into}; stat -c '%n %a %U:%G' *`)).stdout).toBe(
        [
          '002 664 ops:ops',
          '022 644 ops:ops',
          '077 600 ops:ops',
          'shut 600 ops:ops',
          'shut (2) 664 ops:ops',
          'wide 4755 ops:games',
          '',
        ].join('\n'),
      );
      await host.run(`mv ${rc}.kept ${rc}; rm -r ${into}`);
    });

    it('edits a text in one step, keeps mode and owner, and overwrites nothing that changed meanwhile', async () => {
      const path = `${home}/conf.ini`;
      await host.writeFile(path, '\ufeffname=été\r\nvalue=1\r\n', '640');
      await host.run(`chown ops:ops ${path}; ln -s conf.ini ${home}/conf-link`);
      const link = `${home}/conf-link`;
      const opened = await client['files.readText']({ machineId, path: link });
      expect(opened.text).toBe('\ufeffname=été\r\nvalue=1\r\n');
      const inode = async () => (await host.run(`stat -c %i ${path}`)).stdout;
      const before = await inode();
      const text = opened.text.replace('value=1', 'value=2');
      const { version } = await client['files.writeText']({
        machineId,
        path: link,
        text,
        expected: opened.version,
      });
      expect((await host.readFile(path)).toString()).toBe(text);
      expect(await inode()).not.toBe(before);
      expect((await host.run(`stat -c '%a %U:%G' ${path}; readlink ${link}`)).stdout).toBe(
        '640 ops:ops\nconf.ini\n',
      );
      // Changed by another hand with the same size and, as near as can be, the same time.
      await host.run(
        `sed -i s/value=2/value=9/ ${path}; touch -d @${version.modifiedAt} ${path}; chown ops:ops ${path}`,
      );
      const mine = text.replace('value=2', 'value=3');
      const write = (expected: typeof version | null) =>
        client['files.writeText']({ machineId, path, text: mine, expected });
      expect(await codeOf(write(version))).toBe('file_changed');
      expect((await host.readFile(path)).toString()).toContain('value=9');
      const theirs = await client['files.readText']({ machineId, path });
      expect(theirs.text).toContain('value=9');
      await write(null);
      expect((await host.readFile(path)).toString()).toBe(mine);
      expect(await codeOf(write(theirs.version))).toBe('file_changed');
      await host.run(
        `printf 'a\\0b' > ${home}/zero; printf 'caf\\351' > ${home}/latin; head -c 2M /dev/zero > ${home}/much; chmod 644 ${home}/zero ${home}/latin ${home}/much`,
      );
      const read = (name: string) => codeOf(client['files.readText']({ machineId, path: `${home}/${name}` }));
      expect([await read('zero'), await read('latin'), await read('much')]).toEqual([
        'file_not_text',
        'file_not_text',
        'file_too_large',
      ]);
      // What the kernel writes says that it is empty, and is not.
      expect((await client['files.readText']({ machineId, path: '/proc/version' })).text).toContain('Linux');
      expect(await partsLeft()).toBe('');
    });

    it('fetches a directory as an archive of its own tar: content, progress, what is missing, and no tar', async () => {
      const tree = `${home}/-tree é`;
      await host.run(
        `mkdir -p '${tree}/deep/er' && cd '${tree}' && head -c 30M /dev/urandom > deep/big && printf 'text\n' > 'deep/er/-n' && ` +
          `ln -s deep/big link && mkfifo pipe && touch "$(printf 'new\\nline')" && chmod 640 deep/er/-n && chown -hR ops:ops . && ` +
          `printf secret > closed && printf secret > deep/closed && chmod 600 closed deep/closed && ln -s '${tree}' ${home}/tree-link`,
      );
      const unpacked = mkdtempSync(join(tmpdir(), 'homeport-tar-'));
      const mostGuessed: number[] = [];
      // By a link to it: the archive holds what it leads to, under its own name.
      const { bytes, headers } = await fetchFile(app, machineId, `${home}/tree-link`, async (count) => {
        if (count < 4 * MiB || mostGuessed.length > 0) return;
        const guessed = await until(
          'the size is guessed',
          async () => (await transfersNow(client))[0]?.sizeBytes ?? null,
          20_000,
        );
        mostGuessed.push(guessed);
      });
      expect(headers.get('content-disposition')).toContain(`filename="tree-link.tar"`);
      expect(headers.get('content-length')).toBeNull();
      expect(mostGuessed).toEqual([bytes.byteLength]);
      execFileSync('tar', ['-x', '-C', unpacked], { input: bytes });
      const listed = `cd "$1" && find . ! -path . -printf '%P %y %m %l\\n' | sort; sha256sum deep/big 'deep/er/-n'`;
      const here = execFileSync('sh', ['-c', listed, '-', join(unpacked, '-tree é')]).toString();
      const there = await host.run(`sh -c ${quote(listed)} - ${quote(tree)}`);
      expect(here).toBe(
        there.stdout
          .split('\n')
          .filter((line) => !/^(deep\/)?closed f/.test(line))
          .join('\n'),
      );
      rmSync(unpacked, { recursive: true });
      const [moved] = await transfersNow(client);
      expect(moved).toMatchObject({
        direction: 'download',
        state: 'done',
        path: tree,
        sizeBytes: bytes.byteLength,
        error: { kind: 'archive_incomplete', data: { count: 2 } },
      });

      // Stopped in the middle by a person: the browser is told that it is not whole, and tar is gone from the machine.
      await host.run(`rm '${tree}/closed' '${tree}/deep/closed'`);
      const stopped = fetchFile(app, machineId, tree, async (count) => {
        if (count < MiB) return;
        const [first] = await transfersNow(client);
        if (first?.state === 'running') await client['files.cancelTransfer']({ id: first.id });
      });
      await expect(stopped).rejects.toThrow();
      await until('tar is gone', async () => (await host.run('pgrep -c "^tar$"')).code !== 0 || null, 10_000);
      expect((await transfersNow(client))[0]?.state).toBe('cancelled');
      // The link goes: it is not gone on with, and says why.
      const cut = fetchFile(app, machineId, tree, async (count) => {
        if (count > MiB) await host.run('pkill -KILL -u ops sshd');
      });
      await expect(cut).rejects.toThrow();
      expect((await transfersNow(client))[0]).toMatchObject({
        state: 'failed',
        error: { kind: 'ssh_connection_lost' },
      });

      const offer = (path: string) => codeOf(client['files.download']({ machineId, path }));
      expect(await offer('/root')).toBe('file_permission');
      expect(await offer('/')).toBe('invalid_input');
      await host.run('mv /usr/bin/tar /usr/bin/tar.away');
      expect(await offer(tree)).toBe('tar_missing');
      await host.run(`mv /usr/bin/tar.away /usr/bin/tar; rm -r '${tree}' ${home}/tree-link`);
    }, 120_000);

    it('shows hostile names and links for what they are, and removes links without following them', async () => {
      await host.run(
        `mkdir -p ${home}/odd/inner /srv/kept && touch /srv/kept/precious && cd ${home}/odd && ` +
          `touch "$(printf 'new\\nline')" "$(printf 'esc\\033[31m')" "$(printf 'rtl\\342\\200\\256gpj.exe')" '..\\..\\evil' ./-rf ./~ "$(printf 'lat\\351n')" && ` +
          `ln -s /srv/kept kept && ln -s nowhere broken && ln -s loop loop && touch inner/x && chown -hR ops:ops ${home}/odd`,
      );
      const { entries, place } = await listFiles(client, machineId, 'odd');
      expect(place?.path).toBe(`${home}/odd`);
      expect(place?.space?.freeBytes).toBeGreaterThan(0);
      const named = (name: string) => entries.find((entry) => entry.name === name);
      expect(named('new\nline')?.kind).toBe('file');
      expect(named('kept')).toMatchObject({
        kind: 'symlink',
        linkTarget: '/srv/kept',
        linkKind: 'directory',
      });
      expect(named('broken')).toMatchObject({ linkTarget: 'nowhere', linkKind: null });
      expect(named('loop')).toMatchObject({ linkKind: null });
      expect(named('inner')).toMatchObject({ kind: 'directory', owner: 'ops', group: 'ops' });
      const offered = async (name: string) => {
        const { fileName } = await client['files.download']({ machineId, path: `${home}/odd/${name}` });
        return fileName;
      };
      expect(await offered('new\nline')).toBe('new_line');
      expect(await offered('esc\x1b[31m')).toBe('esc_[31m');
      expect(await offered('rtl\u202egpj.exe')).toBe('rtl_gpj.exe');
      expect(await offered('..\\..\\evil')).toBe('.._.._evil');
      expect(await codeOf(offered('lat\ufffdn'))).toBe('file_name_unusable');
      for (const name of ['../x', '..', 'a/b', ''])
        expect(await codeOf(client['files.makeDirectory']({ machineId, directory: home, name }))).toBe(
          'invalid_input',
        );
      await client['files.rename']({ machineId, path: `${home}/odd/-rf`, name: 'new name' });
      expect(
        await codeOf(client['files.rename']({ machineId, path: `${home}/odd/~`, name: 'new name' })),
      ).toBe('file_exists');
      await client['files.setMode']({ machineId, paths: [`${home}/odd/new name`], mode: 0o4711 });
      expect((await host.run(`stat -c %a "${home}/odd/new name"`)).stdout).toBe('4711\n');
      expect(await codeOf(client['files.remove']({ machineId, paths: ['/'] }))).toBe('invalid_input');
      const counted = await client['files.survey']({ machineId, paths: [`${home}/odd`] });
      expect(counted).toMatchObject({ directories: 2, isCut: false });
      // The one whose name cannot be written keeps its directory; all else goes.
      expect(await codeOf(client['files.remove']({ machineId, paths: [`${home}/odd`] }))).toBe(
        'file_name_unusable',
      );
      await host.run(`rm -f ${home}/odd/lat*`);
      await client['files.remove']({ machineId, paths: [`${home}/odd`] });
      expect((await host.run(`ls /srv/kept; test -e ${home}/odd`)).stdout).toBe('precious\n');
    });

    it('lists 10,000 entries within a blink, the first of them at once', async () => {
      await host.run(
        `mkdir ${home}/many && cd ${home}/many && seq -f 'file-%05g.log' 1 10000 | xargs touch && chown -R ops:ops .`,
      );
      const beganMs = performance.now();
      let firstMs = 0;
      let count = 0;
      for await (const piece of client['files.list']({ machineId, path: `${home}/many` })) {
        if (piece.type !== 'entries') continue;
        if (count === 0) firstMs = performance.now() - beganMs;
        count += piece.entries.length;
      }
      expect(count).toBe(10_000);
      expect(firstMs).toBeLessThan(1_500);
      expect(performance.now() - beganMs).toBeLessThan(10_000);
      const { removed } = await client['files.remove']({ machineId, paths: [`${home}/many`] });
      expect(removed).toBe(10_001);
    });

    it('writes down who touched what, never what was in it', async () => {
      const { events } = await client['timeline.list']({ machineId, limit: 500 });
      const files = events.filter(({ eventType }) => eventType.startsWith('file.'));
      const kinds = new Set(files.map(({ eventType }) => eventType));
      for (const kind of ['uploaded', 'downloaded', 'edited', 'removed', 'renamed', 'mode_changed'])
        expect(kinds).toContain(`file.${kind}`);
      expect(files.find(({ eventType }) => eventType === 'file.uploaded')?.data).toMatchObject({ count: 1 });
      expect(JSON.stringify(files)).not.toContain('value=');
    });

    it('leaves nothing behind after many operations', async () => {
      const handles = () => readdirSync(`/proc/${app.pid}/fd`).length;
      await listFiles(client, machineId, home);
      const before = handles();
      for (let round = 0; round < 60; round += 1) {
        await Promise.all([
          listFiles(client, machineId, home),
          send(`round-${round}`, randomBytes(1000)),
          codeOf(client['files.readText']({ machineId, path: `${home}/zero` })),
          codeOf(send('taken.txt', randomBytes(10))),
        ]);
      }
      // Readers that leave in the middle.
      for (let round = 0; round < 10; round += 1) {
        const { href } = await client['files.download']({ machineId, path: `${home}/big.bin` });
        const left = new AbortController();
        const response = await app.fetch(href, { signal: left.signal });
        await response.body?.getReader().read();
        left.abort();
      }
      // One session stays for looking about.
      await until('sessions are closed', async () => (await sshdThere()) <= 1 || null, 20_000);
      expect(handles()).toBeLessThanOrEqual(before + 4);
      expect(await partsLeft()).toBe('');
      const open = (await transfersNow(client)).filter(({ state }) => !/done|failed|cancelled/.test(state));
      expect(open).toEqual([]);
    }, 180_000);
  },
);
