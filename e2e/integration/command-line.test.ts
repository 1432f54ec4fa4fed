import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type AppProcess } from '../support/app-process.ts';
import { addHost, openCoreSession, openVault, passphrase } from '../support/core-session.ts';
import { findInFolders, prepareSearch } from '../support/secret-search.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';

const root = resolve(import.meta.dirname, '../..');
const bundle = join(root, 'out/main/cli.js');
const bedName = 'outward-cli';
const reason =
  unavailableReason() ?? (existsSync(bundle) ? null : 'the command line is not built: npm run build');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command line; `onErr` sees each piece of its standard error and may send it a signal. */
function homeport(
  dataDir: string,
  args: readonly string[],
  more: { stdin?: string; onErr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [bundle, ...args, `--data-dir=${dataDir}`], {
    cwd: tmpdir(),
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    more.onErr?.(err, (signal) => void child.kill(signal));
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(more.stdin ?? '');
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, out, err }));
  });
}

interface ShownJob {
  machine: string;
  jobId: string;
  status: string;
  runId: string | null;
  error: { kind: string } | null;
}
const json = (ended: Ended) =>
  JSON.parse(ended.out || 'null') as {
    jobs: ShownJob[];
    plans: { machine: string; planHash: string; packages: { name: string; to: string }[] }[];
    machines: { name: string; updates: number | null }[];
    request: { id: string };
    requests: { id: string; status: string }[];
  };

describe.skipIf(reason !== null)(
  `the command line on real hosts${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let bed: Testbed;
    let app: AppProcess | undefined;
    const dataDir = mkdtempSync(join(tmpdir(), 'homeport-cli-'));
    const cli = (...args: string[]) => homeport(dataDir, args);
    const withPassphrase = (...args: string[]) =>
      homeport(dataDir, [...args, '--passphrase-stdin'], { stdin: `${passphrase}\n` });
    const versionOn = async (name: string) =>
      (await bed.host(name).run("dpkg-query -W -f '${Version}' hp-plain")).stdout;
    const all: Ended[] = [];
    const kept = async (ended: Promise<Ended>): Promise<Ended> => {
      const one = await ended;
      all.push(one);
      return one;
    };

    beforeAll(async () => {
      bed = await createTestbed({
        name: bedName,
        hosts: [
          { name: 'one', packages: ['plain'] },
          { name: 'two', packages: ['plain', 'slow'], slowSeconds: 5 },
        ],
      });
      const session = await openCoreSession({ dataDir });
      await openVault(session);
      for (const name of ['one', 'two']) await addHost(session, bed.host(name));
      await session.close();
    });
    afterAll(async () => {
      await app?.close();
      rmSync(dataDir, { recursive: true, force: true });
      await removeTestbed(bedName);
    });

    it('alone: looks, asks for what a person must give, refreshes and shows a plan that a script can come back with', async () => {
      expect(json(await kept(cli('list', '--json'))).machines).toMatchObject([
        { name: 'one', updates: null },
        { name: 'two', updates: null },
      ]);
      const locked = await kept(cli('refresh', 'one'));
      expect(locked).toMatchObject({ code: 3, out: '' });
      expect(locked.err).toContain('--passphrase-stdin');
      const wrong = await homeport(dataDir, ['refresh', 'one', '--passphrase-stdin'], {
        stdin: 'not this one\n',
      });
      expect(wrong.code).toBe(3);
      const refreshed = await kept(withPassphrase('refresh', '--all', '--json'));
      expect(refreshed.code, refreshed.err).toBe(0);
      expect(json(refreshed).jobs.map(({ machine, status }) => [machine, status])).toEqual([
        ['one', 'ok'],
        ['two', 'ok'],
      ]);
      const shown = await kept(withPassphrase('upgrade', 'one', '--json'));
      expect(shown.code).toBe(3);
      const [plan] = json(shown).plans;
      expect(plan).toMatchObject({ machine: 'one', packages: [{ name: 'hp-plain', to: '1.1' }] });
      const other = await kept(withPassphrase('upgrade', 'one', '--yes', `--plan=${'0'.repeat(64)}`));
      expect(other.code).toBe(3);
      expect(await versionOn('one')).toBe('1.0');
      const done = await kept(
        withPassphrase('upgrade', 'one', '--yes', `--plan=${plan?.planHash ?? ''}`, '--json'),
      );
      expect(done.code, done.err).toBe(0);
      expect(json(done).jobs).toMatchObject([{ machine: 'one', status: 'ok', error: null }]);
      expect(await versionOn('one')).toBe('1.1');
      const report = await kept(cli('report', '--machine=one'));
      expect(report).toMatchObject({ code: 0 });
      expect(report.out).toContain('hp-plain');
    });

    it('beside the running application: through its socket, which is this user’s alone', async () => {
      app = await startApp(dataDir);
      await app.client['vault.unlock']({ passphrase });
      expect(statSync(dataDir).mode & 0o777).toBe(0o700);
      expect(statSync(join(dataDir, 'homeport.sock')).mode & 0o777).toBe(0o600);
      const nothing = await kept(cli('upgrade', 'one', '--yes'));
      expect(nothing).toMatchObject({ code: 0, out: 'Nothing to do.\n' });
      // The language is the application's own, where --lang does not say otherwise; JSON is in none.
      const list = await kept(cli('list', '--json'));
      await app.client['preferences.set']({ language: 'fr' });
      expect((await kept(cli('list'))).out).toMatch(/^MACHINE +ADRESSE +ÉTAT .*\none .* En ligne /);
      expect((await kept(cli('list', '--lang=en'))).out).toMatch(
        /^MACHINE +ADDRESS +STATUS .*\none .* Online /,
      );
      expect((await kept(cli('list', '--json'))).out).toBe(list.out);
      await app.client['preferences.set']({ language: 'en' });
      // A window has what a terminal started, and a terminal cannot do what only a window may.
      const refreshed = json(await kept(cli('refresh', 'two', '--json')));
      const { jobs } = await app.client['jobs.list']({});
      expect(jobs[0]?.id).toBe(refreshed.jobs[0]?.jobId);
      expect(await kept(cli('refresh', 'none-such'))).toMatchObject({ code: 2 });
    });

    it('asks for approval; a request whose plan has changed since does not run, and says why', async () => {
      const asked = await kept(cli('upgrade', 'two', '--ask', '--note=before Friday', '--json'));
      expect(asked.code, asked.err).toBe(0);
      const { id } = json(asked).request;
      expect(json(await kept(cli('requests', '--json'))).requests).toMatchObject([{ id, status: 'pending' }]);
      await bed.host('two').run('apt-get -y install hp-plain');
      // Nobody has looked since: the machine itself notices, before it changes anything.
      const ran = await kept(cli('requests', 'approve', id, '--yes', '--json'));
      expect(ran.code, ran.err).toBe(3);
      expect(json(ran).jobs).toMatchObject([{ status: 'error', error: { kind: 'apt_plan_changed' } }]);
      const run = await app?.client['executions.get']({ id: json(ran).jobs[0]?.runId ?? '' });
      expect(run?.changedPlan?.gone.map(({ name }) => name)).toEqual(['hp-plain']);
      expect((await bed.host('two').run("dpkg-query -W -f '${Version}' hp-slow")).stdout).toBe('1.0');

      const again = json(await kept(cli('upgrade', 'two', '--ask', '--json'))).request.id;
      await bed.host('two').run('apt-mark hold hp-slow');
      await kept(cli('refresh', 'two'));
      const refused = await kept(cli('requests', 'approve', again, '--yes'));
      const inFrench = await kept(cli('requests', 'approve', again, '--yes', '--lang=fr'));
      expect([inFrench.code, inFrench.err]).toEqual([3, expect.stringContaining('le plan a changé sur two')]);
      expect(refused).toMatchObject({ code: 3, out: '' });
      expect(refused.err).toContain('the plan has changed on two');
      expect((await app?.client['requests.get']({ id: again }))?.jobId).toBeNull();
      expect(await kept(cli('requests', 'reject', again))).toMatchObject({ code: 0 });
      await bed.host('two').run('apt-mark unhold hp-slow');
    });

    it('left by Ctrl-C says how to follow; the run goes on and is followed to its end', async () => {
      await kept(cli('refresh', 'two'));
      const left = await kept(
        homeport(dataDir, ['upgrade', 'two', '--yes'], {
          onErr: (text, kill) => {
            if (text.includes('apt_upgrade: Install')) kill('SIGINT');
          },
        }),
      );
      expect(left.code, left.err).toBe(130);
      const follow = /homeport jobs follow (\S+)/.exec(left.err)?.[1] ?? '';
      const followed = await kept(cli('jobs', 'follow', follow, '--json'));
      expect(followed.code, followed.err).toBe(0);
      expect(json(followed).jobs).toMatchObject([{ jobId: follow, status: 'ok' }]);
      expect((await bed.host('two').run("dpkg-query -W -f '${Version}' hp-slow")).stdout).toBe('1.1');
      await app?.close();
      app = undefined;
      expect(existsSync(join(dataDir, 'homeport.sock'))).toBe(false);
      expect((await kept(cli('jobs', '--limit=1'))).code).toBe(0);
    });

    it('has put the passphrase and the passwords nowhere', async () => {
      const secrets = [
        { label: 'passphrase', text: passphrase },
        ...['one', 'two'].map((name) => ({ label: name, text: bed.host(name).password })),
      ];
      const { findings, files } = await findInFolders(prepareSearch(secrets), [dataDir]);
      expect(findings).toEqual([]);
      expect(files).toBeGreaterThan(3);
      for (const { out, err } of all) {
        for (const { text } of secrets) expect(out + err).not.toContain(text);
      }
    });
  },
);
