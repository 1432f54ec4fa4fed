import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeApt, hasAptCounts } from './analysis.ts';
import { aptErrors } from './apt-errors.ts';
import { parseBroken, parseDpkgState } from './dpkg-state.ts';
import { assembleAptRun } from './execution.ts';
import { culpritOf, readHistory, shownCommandLine } from './foreign-history.ts';
import { parseHistoryLog } from './history-log.ts';
import { identifyMachine } from './machine-kind.ts';
import { importantMessages } from './messages.ts';
import { parseFilesystems, parseMetrics } from './metrics.ts';
import { parseOsRelease } from './os-release.ts';
import { parseNeedrestart, rebootEvidence } from './reboot.ts';
import { parseSections } from './sections.ts';
import { parseSimulation } from './simulation.ts';
import { parseSizes } from './sizes.ts';
import { createStatusParser, type StatusEvent } from './status-fd.ts';
import { parseNames, parsePhasing, parseUpgradable } from './upgradable.ts';

const fixture = (path: string): string =>
  readFileSync(new URL(`./fixtures/${path}`, import.meta.url), 'utf8');
const context = {
  machineId: 'm1',
  checkedAt: '2026-11-20T12:00:00.000Z',
  nonce: 'n0',
  sha256: (text: string) => String(text.length),
};
const analyses = readdirSync(new URL('./fixtures/analysis/', import.meta.url)).filter((f) =>
  f.endsWith('.txt'),
);
const good = fixture('analysis/bookworm-root.txt');
const plan = fixture('simulation/bookworm-full.txt');
const list = fixture('upgradable/bookworm.txt');

/** Pieces that the grammars give a meaning to, put together by chance. */
const pieces = fc.constantFrom(
  'Inst ', 'Remv ', 'Conf ', 'Purg ', '[', ']', '(', ')', '])', ' [] ', 'pkg', ':amd64', '1.0', 'Debian:12/x', ', ',
  '@@n0 ', 'full', 'end', '\n', '\r', '\t', ' ', 'rc=0', 'E: ', 'W: ', 'dpkg: error', 'Listing...', 'upgradable from: ',
  '0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.', 'dlstatus:', 'pmstatus:', 'phase:', ':', '33.3',
  'Start-Date: ', 'native amd64', 'ii ', "'http://x/y' ", 'Failed to fetch ', 'running ', 'df ', '{', '\0', 'é', '\x1b[',
); // prettier-ignore
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(pieces, { maxLength: 80 }).map((parts) => parts.join('')),
);

describe('any text', () => {
  const parsers: Record<string, (text: string) => unknown> = {
    sections: (text) => parseSections(text, 'n0'),
    simulation: parseSimulation,
    upgradable: parseUpgradable,
    names: parseNames,
    phasing: parsePhasing,
    sizes: parseSizes,
    osRelease: parseOsRelease,
    machine: (text) => identifyMachine(text, text),
    reboot: (text) => rebootEvidence(text, text, false, parseNeedrestart(text)),
    dpkgState: parseDpkgState,
    broken: (text) => parseBroken(text, 'amd64'),
    aptErrors,
    messages: importantMessages,
    metrics: (text) => [parseMetrics(text), parseFilesystems(text)],
    history: parseHistoryLog,
    foreignHistory: (text) => {
      const sections = new Map([
        ['history-log', text],
        ['history-place', text],
        ['history-times', text],
      ]);
      const reading = readHistory(sections, true);
      return [reading?.runs.map(culpritOf), shownCommandLine(text)];
    },
  };
  it.each(Object.entries(parsers))('gives %s a value or an error, never an exception', (_name, parse) => {
    fc.assert(
      fc.property(hostile, (text) => void parse(text)),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries(parsers))('does not keep %s busy', (_name, parse) => {
    const lines = [
      'Inst a [',
      'Inst a (1 ',
      'Remv a [1] [',
      'E: Failed to fetch ',
      'dpkg: error ',
      "'http:",
      'df ',
      'pmstatus:',
    ];
    const repeated = [' ', '[', '])', 'a', ': ', '1', "'", ', ', '(a) '];
    const started = performance.now();
    for (const head of lines) for (const unit of repeated) parse(head + unit.repeat(30_000));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('output that is cut off', () => {
  it.each(analyses)('%s: no prefix has counts', (name) => {
    const text = fixture(`analysis/${name}`);
    const end = text.lastIndexOf('@@n0 end') + '@@n0 end'.length;
    fc.assert(
      fc.property(fc.nat({ max: end - 1 }), (length) => {
        const { snapshot } = analyzeApt(text.slice(0, length), context);
        expect(snapshot.status).toBe('error');
        expect(hasAptCounts(snapshot)).toBe(false);
        expect(snapshot.errors?.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  it('a section that lost its end is an error, not a smaller plan', () => {
    for (const section of [
      'full',
      'safe',
      'upgradable',
      'holds',
      'autoremove',
      'check',
      'policy',
      'broken',
    ]) {
      const start = good.indexOf(`@@n0 ${section}\n`) + `@@n0 ${section}\n`.length;
      const end = good.indexOf('\n@@n0 ', start);
      for (const at of [start, Math.floor((start + end) / 2), end - 3]) {
        const { snapshot } = analyzeApt(good.slice(0, at) + good.slice(end), context);
        expect(snapshot.status, `${section} cut at ${at - start}`).toBe('error');
        expect(hasAptCounts(snapshot)).toBe(false);
      }
    }
  });

  it('a plan without any one of its lines is refused', () => {
    const lines = plan.split('\n');
    for (const [index, line] of lines.entries()) {
      if (!/^(Inst|Remv) /.test(line) && !line.includes(' upgraded, ')) continue;
      expect(parseSimulation(lines.toSpliced(index, 1).join('\n')).ok, line).toBe(false);
    }
  });

  it('an empty answer is an error', () => {
    expect(parseSimulation('').ok).toBe(false);
    expect(parseUpgradable('').ok).toBe(false);
    expect(parseUpgradable(list.split('\n').slice(1).join('\n')).ok).toBe(false);
    expect(parseDpkgState('').ok).toBe(false);
    expect(parseDpkgState('native amd64\nend\n').ok).toBe(false);
    expect(parseBroken('total 0', 'amd64').ok).toBe(false);
    expect(parseSections('', 'n0').ok).toBe(false);
    expect(parseSections('@@other end', 'n0').ok).toBe(false);
  });

  it('a package list that lost lines or its end never makes a run look like removals', () => {
    const whole = 'native amd64\nlibc6\tamd64\t2.36\tii \nbash\tamd64\t5.2\tii \nend\n';
    for (let length = 0; length < whole.length - 1; length += 1) {
      const result = assembleAptRun({
        planned: [],
        before: whole,
        after: whole.slice(0, length),
        evidence: null,
        nonce: 'n0',
        output: '',
        exitCode: 0,
        events: [],
      });
      expect(result.status).toBe('error');
      expect(result.apt.removed).toEqual([]);
      expect(result.apt.verdict).toBeUndefined();
    }
  });
});

describe('noise around the frame', () => {
  it('changes nothing before the first marker and after the end', () => {
    const expected = analyzeApt(good, context);
    fc.assert(
      fc.property(hostile, hostile, (before, after) => {
        fc.pre(!before.includes('@@n0 ') && !after.includes('@@n0 '));
        expect(analyzeApt(`${before}\n${good}\n${after}`, context)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the status stream', () => {
  const stream = new TextEncoder().encode(
    `phase:upgrade\n${fixture('status-fd/bookworm-download.txt')}pmstatus:libé:i386:99.9:Déballage\nphase:done\n`,
  );
  const readIn = (chunks: readonly Uint8Array[]): StatusEvent[] => {
    const parser = createStatusParser();
    return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
  };
  const whole = readIn([stream]);

  it('gives the same events however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 30 }), (cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = points.slice(1).map((point, i) => stream.subarray(points[i], point));
        expect(readIn(chunks)).toEqual(whole);
      }),
    );
  });

  it('never lets a percentage fall within a phase, nor leave 0 to 100', () => {
    const line = fc.tuple(
      fc.constantFrom('dlstatus:1', 'pmstatus:a'),
      fc.double({ min: 0, max: 500, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map(([verb, percent]) => `${verb}:${percent.toFixed(4)}:x\n`).join('');
        const last = { download: 0, install: 0 };
        for (const event of readIn([new TextEncoder().encode(text)])) {
          if (event.kind !== 'download' && event.kind !== 'install') throw new Error(event.kind);
          expect(event.percent).toBeGreaterThanOrEqual(last[event.kind]);
          expect(event.percent).toBeLessThanOrEqual(100);
          last[event.kind] = event.percent;
        }
      }),
    );
  });

  it('survives any bytes, endless lines too', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => void readIn(chunks)));
    const endless = Array.from({ length: 100 }, () => new TextEncoder().encode('pmstatus:x'.repeat(1000)));
    expect(readIn(endless)).toHaveLength(1);
    expect(readIn([...endless, new TextEncoder().encode('\nphase:done\n')])).toEqual([
      expect.objectContaining({ kind: 'unreadable' }),
      { kind: 'phase', phase: 'done', detail: null },
    ]);
  });
});
