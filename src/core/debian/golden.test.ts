import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { analyzeApt } from './analysis.ts';
import { aptErrors } from './apt-errors.ts';
import { assembleAptRun } from './execution.ts';
import { parseHistoryLog } from './history-log.ts';
import { identifyMachine } from './machine-kind.ts';
import { importantMessages } from './messages.ts';
import { identifyOs, parseOsRelease } from './os-release.ts';
import type { Parsed } from './parsed.ts';
import { completeProbe, readProbe } from './probe.ts';
import { parseRootFindings } from './probe-smart.ts';
import { parseNeedrestart, rebootEvidence } from './reboot.ts';
import { parseReplacedLibraries } from './replaced-libraries.ts';
import { keyedLines, parseSections, type Sections } from './sections.ts';
import { parseSimulation } from './simulation.ts';
import { parseSizes } from './sizes.ts';
import { createStatusParser, type StatusEvent } from './status-fd.ts';
import { parsePhasing, parseUpgradable } from './upgradable.ts';

const fixtures = new URL('./fixtures/', import.meta.url);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Some fixtures hold several texts, framed like a script's output with the nonce `fixture`. */
function framed(text: string): Sections {
  const sections = parseSections(text, 'fixture');
  if (!sections.ok) throw new Error(sections.error.message);
  return sections.value;
}

function statusEvents(text: string): StatusEvent[] {
  const parser = createStatusParser();
  return [...parser.push(new TextEncoder().encode(text)), ...parser.end()];
}

/** Folder of fixtures → what its parser makes of a text. */
const parsers: Record<string, (text: string) => unknown> = {
  simulation: (text) => {
    const result = parseSimulation(text);
    return result.ok
      ? { packages: result.value.packages, pendingRepair: result.value.pendingRepair }
      : result;
  },
  upgradable: (text) => parseUpgradable(text),
  phasing: (text) => Object.fromEntries(parsePhasing(text)),
  sizes: (text) => parseSizes(text),
  'apt-errors': (text) => aptErrors(text),
  messages: (text) => importantMessages(text),
  'history-log': (text) => parseHistoryLog(text),
  'status-fd': (text) => statusEvents(text),
  os: (text) => {
    const sections = framed(text);
    const hints = keyedLines(sections.get('platform') ?? '');
    const release: Parsed<ReadonlyMap<string, string>> = parseOsRelease(sections.get('os') ?? '');
    return release.ok
      ? identifyOs(release.value, {
          pveVersion: hints.get('pveversion')?.[0],
          isRaspberryPiOs: hints.has('rpi-issue'),
        })
      : release;
  },
  machine: (text) => {
    const sections = framed(text);
    const machine = identifyMachine(sections.get('virt') ?? '', sections.get('platform') ?? '');
    const needrestart = sections.has('needrestart')
      ? parseNeedrestart(sections.get('needrestart') ?? '')
      : null;
    return {
      machine,
      reboot: rebootEvidence(
        sections.get('reboot') ?? '',
        sections.get('kernel') ?? '',
        machine.isContainer,
        needrestart,
      ),
    };
  },
  'replaced-libraries': (text) => parseReplacedLibraries(framed(text).get('mapped')),
  analysis: (text) =>
    analyzeApt(text, { machineId: 'm1', checkedAt: '2026-11-20T12:00:00.000Z', nonce: 'n0', sha256 }),
  // What root adds stands behind the end of the first look, as in the archive.
  probe: (text) => {
    const reading = readProbe(text, { machineId: 'm1', checkedAt: '2026-11-20T12:00:00.000Z', nonce: 'n0' });
    if (!reading.ok) return reading;
    const added = parseRootFindings(text.slice(text.indexOf('@@n0 end') + '@@n0 end'.length), 'n0');
    return completeProbe(reading.value, {
      root: added.ok ? added.value : null,
      clock: { skewMs: 12, uncertaintyMs: 3 },
      errors: [],
    });
  },
  execution: (text) => {
    const sections = framed(text);
    const file = (name: string): string | null => sections.get(name) ?? null;
    const exit = file('exit');
    const plan = parseSimulation(file('planned') ?? '');
    return assembleAptRun({
      planned: plan.ok ? plan.value.packages : [],
      before: file('before'),
      after: file('after'),
      evidence: file('evidence'),
      nonce: 'n0',
      output: file('output') ?? '',
      exitCode: exit === null ? null : Number(exit),
      events: statusEvents(file('progress') ?? ''),
    });
  },
};

const isWriting = process.env.HOMEPORT_WRITE_FIXTURES === '1';

describe.each(Object.entries(parsers))('%s', (folder, parse) => {
  const directory = new URL(`${folder}/`, fixtures);
  const names = readdirSync(directory).filter((file) => file.endsWith('.txt'));

  it('has fixtures', () => {
    expect(names.length).toBeGreaterThan(0);
  });

  it.each(names)('%s', (file) => {
    const actual: unknown = JSON.parse(JSON.stringify(parse(readFileSync(new URL(file, directory), 'utf8'))));
    const expected = new URL(file.replace(/\.txt$/, '.json'), directory);
    if (isWriting) writeFileSync(expected, `${JSON.stringify(actual, null, 2)}\n`);
    expect(actual).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
  });
});

describe('the fixtures', () => {
  it('are all read by a parser', () => {
    const folders = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).sort()).toEqual(Object.keys(parsers).sort());
  });
});
