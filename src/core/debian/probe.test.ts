import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeProbe, readClock, readProbe } from './probe.ts';
import { parseInterfaces, parseRoutes } from './probe-network.ts';
import { parseRootFindings, parseSmart } from './probe-smart.ts';
import { disksWithHealth, parseDisks, parsePools, parseProbeFilesystems } from './probe-storage.ts';
import {
  parseFirmware,
  parseGraphics,
  parseMemory,
  parseProcessor,
  parseTemperatures,
} from './probe-system.ts';

const folder = new URL('./fixtures/probe/', import.meta.url);
const names = readdirSync(folder).filter((file) => file.endsWith('.txt'));
const fixture = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const context = { machineId: 'm1', checkedAt: '2026-11-20T12:00:00.000Z', nonce: 'n0' };
const server = fixture('staged-server.txt');
const proxmox = fixture('written-proxmox-zfs.txt');

/** The text with the body of one section replaced; null takes the section away. */
function withSection(text: string, name: string, body: string | null): string {
  const pattern = new RegExp(`@@n0 ${name}\\n[\\s\\S]*?(?=\\n@@n0 )`);
  expect(text).toMatch(pattern);
  return text.replace(pattern, () => (body === null ? '' : `@@n0 ${name}\n${body}\n`));
}
function probeOf(text: string) {
  const reading = readProbe(text, context);
  if (!reading.ok) throw new Error(reading.error.message);
  return reading.value.snapshot.probe;
}

/** Pieces that the grammars give a meaning to, put together by chance. */
const pieces = fc.constantFrom(
  '@@n0 ', 'end', 'disks', 'smart', '\n', '\r', '\t', ' ', ':', '/sys/block/', 'sda', '/size', '/sys/class/net/', 'eth0',
  '/sys/class/hwmon/', 'hwmon0', '/temp1_input', '/name', '/sys/class/dmi/', 'id/', '99999999999999999999', '-1', '0', '86000',
  'df ', '/dev/sda1 ', '10 ', '100% ', '/', 'rc=0', 'rc=124', 'count=', 'failed ', 'x.service ', 'MemTotal: ', ' kB', 'loadavg ',
  '1: eth0 inet ', '10.0.0.1', '/24', ' scope global', 'inet6 ', 'path:', 'parent:', 'has:', 'read:yes', 'disk sda 0 ', '{"',
  'smartctl', '":', '{}', '}', '[', 'null', '1e999', 'Model name: ', 'Socket(s): ', 'pci ', 'gpu ', '0x8086', 'é', '\0', '\x1b[',
); // prettier-ignore
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(pieces, { maxLength: 80 }).map((parts) => parts.join('')),
);

describe('any text', () => {
  const parsers: Record<string, (text: string) => unknown> = {
    probe: (text) => readProbe(text, context),
    framed: (text) => readProbe(withSection(server, 'disks', text), context),
    root: (text) => parseRootFindings(`@@n0 smart\nlooked yes\n${text}\n@@n0 end`, 'n0'),
    smart: (text) => parseSmart(text, 0),
    clock: (text) => readClock(`@@n0 clock\n${text}\n@@n0 end`, 'n0'),
    processor: parseProcessor,
    memory: parseMemory,
    temperatures: parseTemperatures,
    firmware: (text) => parseFirmware(text, null, null),
    graphics: parseGraphics,
    filesystems: (text) => parseProbeFilesystems(text, text, text),
    disks: (text) => disksWithHealth(parseDisks(`${text}\nread:yes`, null)),
    pools: parsePools,
    interfaces: (text) => parseInterfaces(text, text),
    routes: parseRoutes,
  };
  it.each(Object.entries(parsers))('gives %s a value or an error, never an exception', (_name, parse) => {
    fc.assert(
      fc.property(hostile, (text) => void parse(text)),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries(parsers))('does not keep %s busy', (_name, parse) => {
    const heads = [
      'df ',
      '1: eth0 inet ',
      '/sys/block/',
      'pci 0000:00:02.0 ',
      'x.service ',
      'nameserver ',
      'Model name: ',
    ];
    const started = performance.now();
    for (const head of heads) {
      for (const unit of [' ', '/', ':', 'a', '1', ' failed ', 'a b']) parse(head + unit.repeat(20_000));
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('names no disk that a shell or a path could take for something else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (name) => {
        const disks = parseDisks(`/sys/block/${name}/size:8\npath:${name} /sys/devices/ata1\nread:yes`, null);
        for (const found of disksWithHealth(disks)) {
          expect(found).toMatch(/^[A-Za-z0-9][A-Za-z0-9_./-]*$/);
          expect(found).not.toContain('..');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('output that is cut off', () => {
  it.each(names)('%s: no prefix is a probe', (name) => {
    const text = fixture(name);
    const end = text.indexOf('@@n0 end') + '@@n0 end'.length;
    fc.assert(
      fc.property(fc.nat({ max: end - 1 }), (length) => {
        expect(readProbe(text.slice(0, length), context)).toMatchObject({
          ok: false,
          error: { kind: 'output_unparseable' },
        });
      }),
      { numRuns: 60 },
    );
  });

  it('an empty answer, and one without load, memory and file systems, is an error', () => {
    expect(readProbe('', context).ok).toBe(false);
    expect(readProbe('@@n0 os\n\n@@n0 end\n', context).ok).toBe(false);
    const bare = ['metrics', 'memory', 'mounts'].reduce((text, name) => withSection(text, name, ''), server);
    expect(readProbe(bare, context).ok).toBe(false);
  });

  it('a section that is gone is unknown and said to be, never empty', () => {
    for (const [section, field, part] of [
      ['memory', 'memory', 'memory'],
      ['metrics', 'load', 'load'],
      ['metrics', 'filesystems', 'filesystems'],
      ['disks', 'disks', 'disks'],
      ['sensors', 'temperatures', 'temperatures'],
      ['units', 'failedUnits', 'units'],
    ] as const) {
      const probe = probeOf(withSection(proxmox, section, null));
      expect(probe[field], section).toBeNull();
      expect(probe.gaps, section).toContainEqual({ part, reason: 'unreadable' });
    }
  });

  it('what took too long is said to have', () => {
    const slow = withSection(proxmox, 'units', 'count=0\n\nrc=124');
    expect(probeOf(slow).failedUnits).toBeNull();
    expect(probeOf(slow).gaps).toContainEqual({ part: 'units', reason: 'timed_out' });
    const df = proxmox.replace('df-status 0', 'df-status 124');
    expect(probeOf(df).filesystems).toBeNull();
    expect(probeOf(df).gaps).toContainEqual({ part: 'filesystems', reason: 'timed_out' });
  });

  it('a list of failed units that lost a line, or is in another language, is unknown', () => {
    for (const body of [
      'count=2\npve-guests.service loaded failed failed PVE guests\nrc=0',
      'count=1\npve-guests.service chargé échec échec PVE\nrc=0',
      '\nrc=0',
      'count=0\nrc=1',
    ]) {
      expect(probeOf(withSection(proxmox, 'units', body)).failedUnits, body).toBeNull();
    }
    expect(probeOf(withSection(proxmox, 'units', 'count=0\n\nrc=0')).failedUnits).toEqual([]);
  });
});

describe('SMART', () => {
  const good = '{"smartctl":{"exit_status":0},"smart_status":{"passed":true}}';

  it('is passed only where the disk says so', () => {
    expect(parseSmart(good, 0).smart.state).toBe('passed');
    expect(parseSmart(good, 8).smart.state).toBe('failing');
    expect(parseSmart(good.replace('true', 'false'), 0).smart.state).toBe('failing');
    expect(parseSmart('{"smartctl":{"exit_status":0}}', 0).smart.state).toBe('unsupported');
    expect(parseSmart(good.replace('true', '"yes"'), 0).smart.state).toBe('unsupported');
    // A program that was killed by its time limit (124 has bit 3 too) said nothing.
    for (const text of ['', '{', 'null', '[]', '{"smart_status":{"passed":true}}', good.slice(0, -1)]) {
      expect(parseSmart(text, 124).smart.state, text).toBe('unreadable');
    }
  });

  it('never comes out as passed of an answer that was cut', () => {
    const [, line = ''] = /^disk sda 0 (.*)$/m.exec(proxmox) ?? [];
    for (let length = 0; length < line.length; length += 1) {
      expect(parseSmart(line.slice(0, length), 0).smart.state).toBe('unreadable');
    }
  });

  it('is a gap where root, smartctl or time was lacking', () => {
    const reading = readProbe(server, context);
    if (!reading.ok) throw new Error(reading.error.message);
    const gapsWith = (root: Parameters<typeof completeProbe>[1]['root'], hasSmartctl = true) =>
      completeProbe({ ...reading.value, hasSmartctl }, { root, clock: null, errors: [] }).probe.gaps;
    expect(gapsWith('needs_root')).toEqual(
      expect.arrayContaining([
        { part: 'smart', reason: 'needs_root' },
        { part: 'serials', reason: 'needs_root' },
        { part: 'clock', reason: 'unreadable' },
      ]),
    );
    expect(gapsWith('root_refused')).toContainEqual({ part: 'smart', reason: 'root_refused' });
    expect(gapsWith({ disks: null, serial: 'X' }, false)).toContainEqual({
      part: 'smart',
      reason: 'tool_missing',
    });
    expect(gapsWith({ disks: new Map(), serial: 'X' })).toContainEqual({
      part: 'smart',
      reason: 'timed_out',
    });
  });
});

describe('the clock', () => {
  const clock = (text: string) => readClock(`@@n0 clock\n${text}\n\n@@n0 end\n`, 'n0');
  it('is read at the precision that the machine has', () => {
    expect(clock('1763640000.250000000')).toEqual({ ok: true, value: 1_763_640_000_250 });
    // A date without nanoseconds prints the letter.
    expect(clock('1763640000.%N')).toEqual({ ok: true, value: 1_763_640_000_000 });
    expect(clock('').ok).toBe(false);
    expect(clock('yesterday').ok).toBe(false);
  });
});
