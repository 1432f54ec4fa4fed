import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contract, type HomeportHandlers } from '../../shared/contract/index.ts';
import type { CallContext } from '../../shared/contract/define.ts';
import type { CoreContext } from '../context.ts';
import { analyzeApt } from '../debian/analysis.ts';
import { completeProbe, readProbe } from '../debian/probe.ts';
import { parseRootFindings } from '../debian/probe-smart.ts';
import { errorColumns, fleetRows, patchState } from '../fleet/index.ts';
import { listEvents } from '../events/index.ts';
import { rebuildDerived } from '../maintenance/index.ts';
import { latestAnalysis, saveAnalysis } from '../snapshots/index.ts';
import { sha256Hex } from '../templates/sha256.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { hardwareHandlers, saveProbe } from './index.ts';

const fixture = (path: string): string =>
  readFileSync(new URL(`../debian/fixtures/${path}.txt`, import.meta.url), 'utf8');
const start = Date.now() - 60 * 60_000;
const at = (minute: number): string => new Date(start + minute * 60_000).toISOString();

async function probed(context: CoreContext, machineId: string, minute: number, name = 'staged-server') {
  const text = fixture(`probe/${name}`);
  const reading = readProbe(text, { machineId, checkedAt: at(minute), nonce: 'n0' });
  if (!reading.ok) throw new Error(reading.error.message);
  const added = parseRootFindings(text.slice(text.indexOf('@@n0 end') + 8), 'n0');
  const snapshot = completeProbe(reading.value, {
    root: added.ok ? added.value : null,
    clock: { skewMs: 1, uncertaintyMs: 1 },
    errors: [],
  });
  return saveProbe(context, { snapshot, rawOutput: text, jobId: 'job' });
}

/** A refresh of the recorded host, with a root file system that is so full. */
async function refreshed(context: CoreContext, machineId: string, minute: number, usedOf1000: number) {
  const text = fixture('analysis/bookworm-clean').replace(
    /^df \S+ +\d+ +\d+ +\d+ +\d+% \/$/m,
    `df /dev/vda1 1000 ${usedOf1000} ${1000 - usedOf1000} 1% /`,
  );
  const { snapshot, messages } = analyzeApt(text, {
    nonce: 'n0',
    machineId,
    checkedAt: at(minute),
    sha256: sha256Hex,
  });
  await saveAnalysis(context, { snapshot, messages, rawOutput: text, jobId: 'job' });
}

const signal = new AbortController().signal;
const caller: CallContext = { surface: 'ui', signal };
const detail = (context: CoreContext, machineId: string) => {
  const handlers = hardwareHandlers(context) as Pick<HomeportHandlers, 'hardware.get'>;
  return contract['hardware.get'].output.parse(handlers['hardware.get']({ machineId }, caller));
};
const tile = (context: CoreContext) => fleetRows(context)[0]!.state;
const codes = (warnings: readonly { code: string }[] | null | undefined) => warnings?.map(({ code }) => code);

describe('a probe', () => {
  it('is archived whole, and told by the contract as it was found', async () => {
    const context = testContext();
    const id = insertMachine(context, 'nas');
    expect(detail(context, id)).toMatchObject({ probe: null, metrics: null, warnings: [], history: [] });
    expect(tile(context).hardwareWarnings).toBeNull();
    await probed(context, id, 0);
    const told = detail(context, id);
    expect(told.probe?.firmware).toMatchObject({ product: 'PowerEdge T40', serial: 'HP-SERIAL-42' });
    expect(told.probe?.disks?.map(({ name, smart }) => [name, smart?.state])).toEqual([
      ['dm-0', undefined],
      ['md0', undefined],
      ['nvme0n1', 'passed'],
      ['sda', 'failing'],
    ]);
    expect(told.metrics).toMatchObject({ load1: 15.26, threads: 2, memoryTotalBytes: 24_684_096 * 1024 });
    expect(told.host).toEqual({ kernel: '6.18.44-fc-v595', virtualization: 'kvm', architecture: 'amd64' });
    expect(told.history).toHaveLength(1);
    const row = context.database.raw.prepare('select * from machine_hardware').get();
    expect(row).toMatchObject({ cpu_model: 'AMD EPYC', cpu_cores: 2, memory_bytes: 24_684_096 * 1024 });
    expect(context.database.raw.prepare('select hardware_profile from machines').pluck().get()).toBe(
      'generic_vm',
    );
  });

  it('warns on the tile and in the timeline, once', async () => {
    const context = testContext();
    const id = insertMachine(context, 'nas');
    await probed(context, id, 0);
    await probed(context, id, 10);
    expect(codes(tile(context).hardwareWarnings)?.slice(0, 2)).toEqual(['smart_failing', 'raid_degraded']);
    const counts = 'select disk_warnings_count as disks, hardware_warnings_count as rest from machine_state';
    expect(context.database.raw.prepare(counts).get()).toEqual({ disks: 4, rest: 2 });
    const events = listEvents(context, { machineId: id, limit: 50, withAudit: false });
    const types = events.map(({ eventType }) => eventType);
    expect(types.filter((type) => type === 'machine.probed')).toHaveLength(2);
    expect(types.filter((type) => type === 'hardware.warning')).toHaveLength(6);
    await probed(context, id, 20, 'bookworm-user');
    const after = listEvents(context, { machineId: id, limit: 50, withAudit: false });
    expect(after.filter(({ eventType }) => eventType === 'hardware.recovered').length).toBeGreaterThan(3);
  });

  it('ends an error of contact, and leaves one of APT', async () => {
    const context = testContext();
    const id = insertMachine(context, 'nas');
    patchState(context, id, errorColumns(new AppError('ssh_timeout', 'No answer')));
    await probed(context, id, 0);
    expect(tile(context).lastError).toBeNull();
    patchState(context, id, errorColumns(new AppError('dpkg_interrupted', 'Interrupted')));
    await probed(context, id, 10);
    expect(tile(context).lastError?.kind).toBe('dpkg_interrupted');
  });

  it('does not stand for an analysis of packages', async () => {
    const context = testContext();
    const id = insertMachine(context, 'nas');
    await probed(context, id, 0);
    expect(latestAnalysis(context, id)).toBeUndefined();
    expect(tile(context)).toMatchObject({ aptStatus: null, updatesCount: null, analyzedAt: null });
  });
});

describe('a refresh', () => {
  it('adds a point and judges what it sees; the rest of the warnings stands', async () => {
    const context = testContext();
    const id = insertMachine(context, 'nas');
    await probed(context, id, 0);
    await refreshed(context, id, 10, 950);
    expect(
      detail(context, id).history.map(({ rootUsedPercent }) => Math.round(rootUsedPercent ?? -1)),
    ).toEqual([0, 95]);
    expect(codes(tile(context).hardwareWarnings)).toEqual(
      expect.arrayContaining(['smart_failing', 'filesystem_space']),
    );
    expect(tile(context).rootUsedPercent).toBe(95);
    await refreshed(context, id, 20, 100);
    expect(codes(tile(context).hardwareWarnings)).not.toContain('filesystem_space');
    expect(codes(tile(context).hardwareWarnings)).toContain('smart_failing');
    // What the probe found is still there to be shown.
    expect(detail(context, id)).toMatchObject({ probedAt: at(0), metrics: { collectedAt: at(20) } });
  });
});

describe('rebuilding', () => {
  it('makes tile, metrics, hardware and points again from the archive', async () => {
    const context = testContext();
    const id = insertMachine(context, 'nas');
    await probed(context, id, 0);
    await refreshed(context, id, 10, 950);
    const { raw } = context.database;
    const all = () => ({
      detail: detail(context, id),
      state: { ...tile(context), updatedAt: null },
      hardware: raw.prepare('select * from machine_hardware').all(),
    });
    const before = all();
    raw.exec("update machine_state set hardware_warnings_json = '[]', root_used_percent = 1");
    raw.exec('delete from machine_metrics_history');
    raw.exec("update machine_hardware set cpu_model = 'wrong'");
    const events = listEvents(context, { limit: 100, withAudit: true }).length;
    rebuildDerived(context);
    expect(all()).toEqual(before);
    expect(listEvents(context, { limit: 100, withAudit: true })).toHaveLength(events);
  });
});
