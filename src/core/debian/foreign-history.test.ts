import { describe, expect, it } from 'vitest';
import { culpritOf, readHistory, shownCommandLine, type HistoryReading } from './foreign-history.ts';

const stanza = (start: string, lines: string[], end: string | null = start) =>
  [`Start-Date: ${start}`, ...lines, ...(end === null ? [] : [`End-Date: ${end}`])].join('\n');
const byHand = stanza('2026-07-01  10:00:00', [
  'Commandline: apt install tb-app',
  'Requested-By: ops (1000)',
  'Install: tb-app:amd64 (1.0)',
]);
const unattended = stanza('2026-07-02  06:12:09', [
  'Commandline: /usr/bin/unattended-upgrade',
  'Upgrade: tb-lib:amd64 (1.0, 1.1)',
]);
const running = stanza('2026-07-03  08:00:00', ['Commandline: apt full-upgrade'], null);

function read(log: string, more: Record<string, string> = {}, isBusy = false): HistoryReading {
  const place = 'mark 7:900\nfrom 7:100\nnow 1783000000\noffset +0200';
  const sections = new Map(Object.entries({ 'history-log': log, 'history-place': place, ...more }));
  const reading = readHistory(sections, isBusy);
  if (!reading) throw new Error('no reading');
  return reading;
}

describe('the history of a machine', () => {
  it('is absent where the machine did not show it', () => {
    expect(readHistory(new Map(), false)).toBeNull();
  });

  it('gives each run with the moment that the machine itself reckoned', () => {
    const times = '2026-07-01T10:00:00 1782892800\n2026-07-02T06:12:09 1782965529';
    const { runs, mark, nowSeconds } = read(`\n${byHand}\n\n${unattended}\n`, { 'history-times': times });
    expect(runs.map((run) => run.startedAtSeconds)).toEqual([1782892800, 1782965529]);
    expect({ mark, nowSeconds }).toEqual({ mark: '7:900', nowSeconds: 1783000000 });
  });

  it('falls back on the zone of now', () => {
    const [run] = read(byHand).runs;
    expect(new Date((run?.startedAtSeconds ?? 0) * 1000).toISOString()).toBe('2026-07-01T08:00:00.000Z');
  });

  it('begins with the first whole stanza', () => {
    const { runs, unreadable } = read(`b:amd64 (1.0, 1.1)\nEnd-Date: 2026-06-30  09:00:00\n\n${byHand}`);
    expect(runs).toHaveLength(1);
    expect(unreadable).toEqual([]);
  });

  it('leaves a run that goes on for the next reading, and tells one that was killed', () => {
    const log = `${byHand}\n\n${running}`;
    expect(read(log, {}, true)).toMatchObject({ mark: '7:100', runs: [{}] });
    const killed = read(log, {}, false);
    expect(killed.mark).toBe('7:900');
    expect(killed.runs[1]?.entry.endedAt).toBeNull();
  });

  it('knows a run again whose end came later', () => {
    const [before] = read(stanza('2026-07-03  08:00:00', ['Commandline: apt full-upgrade'], null)).runs;
    const [after] = read(
      stanza('2026-07-03  08:00:00', ['Commandline: apt full-upgrade', 'Error: Sub-process failed']),
    ).runs;
    expect(after?.identity).toBe(before?.identity);
  });

  it('keeps what it cannot read apart from what it can', () => {
    const { runs, unreadable } = read(`${byHand}\n\nStart-Date: yesterday\nInstall: ???\n\n${unattended}`);
    expect(runs).toHaveLength(2);
    expect(unreadable).toEqual(['Start-Date: yesterday\nInstall: ???']);
  });
});

describe('who changed packages', () => {
  const run = (commandLine: string, by: string | null = null) => {
    const lines = [`Commandline: ${commandLine}`, ...(by === null ? [] : [`Requested-By: ${by} (1000)`])];
    const [first] = read(stanza('2026-07-01  10:00:00', lines)).runs;
    if (!first) throw new Error('no run');
    return first;
  };
  it.each([
    ['/usr/bin/unattended-upgrade', null, 'unattended_upgrades', 'unattended-upgrade'],
    ['/usr/bin/python3 /usr/bin/unattended-upgrade -v', null, 'unattended_upgrades', 'unattended-upgrade'],
    ['apt-get install unattended-upgrades', null, 'root', 'apt-get'],
    ['apt install tb-app', 'ops', 'user', 'apt'],
    ['apt-get -y dist-upgrade', null, 'root', 'apt-get'],
    ["packagekit role='update-packages'", null, 'other', 'packagekit'],
    ['packagekit role=install', 'ops', 'user', 'packagekit'],
    [`apt-get -y -o Homeport::Run=${'ab'.repeat(16)} dist-upgrade`, null, 'homeport', 'apt-get'],
  ])('%s by %s: %s', (commandLine, by, who, tool) => {
    expect(culpritOf(run(commandLine, by))).toEqual({ who, user: by, tool });
  });

  it('reads our mark, and nothing that only looks like it', () => {
    expect(run(`apt-get -o Homeport::Run=${'0f'.repeat(16)} -f install`).homeportRun).toBe('0f'.repeat(16));
    expect(run('apt-get -o Homeport::Run=nonsense install x').homeportRun).toBeNull();
  });

  it('shows no password of a proxy', () => {
    const shown = shownCommandLine('apt-get -o Acquire::http::Proxy=http://me:secret@proxy:3142 update');
    expect(shown).toBe('apt-get -o Acquire::http::Proxy=http://proxy:3142 update');
  });
});
