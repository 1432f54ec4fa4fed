import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CoreContext } from '../context.ts';
import { analyzeApt } from '../debian/analysis.ts';
import { rebuildDerived } from '../maintenance/index.ts';
import { sha256Hex } from '../templates/sha256.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { containerSeenByRoot, formerRebootNeed, saveAnalysis } from './index.ts';

const recorded = readFileSync(
  new URL('../debian/fixtures/analysis/bookworm-clean.txt', import.meta.url),
  'utf8',
);
const kernels = 'running 6.1.0-40-amd64\nimage 6.1.0-40-amd64\nmodules 6.1.0-40-amd64\n';

/** A look at the machine: the recorded host with another boot, marker or needrestart. */
function seen(look: { boot: string; marker?: boolean; needrestart?: number; broken?: boolean }): string {
  const section = (text: string, name: string, body: string) =>
    text.replace(new RegExp(`@@n0 ${name}\n[^@]*`), `@@n0 ${name}\n${body}\n\n`);
  let text = section(recorded, 'boot', `${look.boot.repeat(8)}-0000-4000-8000-000000000000`);
  text = section(text, 'kernel', kernels);
  text = section(text, 'virt', 'detected kvm');
  text = section(text, 'reboot', look.marker ? 'file /run/reboot-required' : '');
  if (look.broken) text = section(text, 'full', 'E: Malformed entry 1 in list file\nrc=100');
  if (look.needrestart === undefined) return text;
  return text.replace('@@n0 end', `@@n0 needrestart\nNEEDRESTART-KSTA: ${look.needrestart}\n\n@@n0 end`);
}

let minute = 0;
async function look(context: CoreContext, machineId: string, output: string): Promise<boolean | null> {
  const { snapshot, messages } = analyzeApt(output, {
    nonce: 'n0',
    machineId,
    checkedAt: new Date(Date.UTC(2026, 10, 20, 12, minute++)).toISOString(),
    sha256: sha256Hex,
    formerNeed: formerRebootNeed(context, machineId),
    rootsContainer: () => containerSeenByRoot(context, machineId),
  });
  await saveAnalysis(context, { snapshot, messages, rawOutput: output, jobId: 'job' });
  return tile(context);
}

function tile(context: CoreContext): boolean | null {
  const rows = context.database.raw
    .prepare('select apt_reboot_required as required from machine_state')
    .all() as { required: number | null }[];
  const required = rows[0]?.required;
  return required === undefined || required === null ? null : required === 1;
}

describe('the reboot need of a tile', () => {
  it('is cleared by a new boot id', async () => {
    const context = testContext();
    const id = insertMachine(context, 'web');
    expect(await look(context, id, seen({ boot: 'a', needrestart: 3 }))).toBe(true);
    expect(await look(context, id, seen({ boot: 'a' }))).toBe(true);
    expect(await look(context, id, seen({ boot: 'a' }))).toBe(true);
    expect(await look(context, id, seen({ boot: 'b' }))).toBe(false);
  });

  it('is cleared within a boot only by evidence that is gone', async () => {
    const context = testContext();
    const id = insertMachine(context, 'web');
    expect(await look(context, id, seen({ boot: 'a', marker: true, needrestart: 3 }))).toBe(true);
    expect(await look(context, id, seen({ boot: 'a', needrestart: 3 }))).toBe(true);
    expect(await look(context, id, seen({ boot: 'a', needrestart: 1 }))).toBe(false);
  });

  it('is told and cleared also while APT is broken, and an unreadable answer changes nothing', async () => {
    const context = testContext();
    const id = insertMachine(context, 'web');
    expect(await look(context, id, seen({ boot: 'a', marker: true, broken: true }))).toBe(true);
    expect(await look(context, id, seen({ boot: 'b' }).slice(0, 300))).toBe(true);
    expect(await look(context, id, seen({ boot: 'b', broken: true }))).toBe(false);
  });

  it('is no kernel’s of a container, also for a user who cannot see that it is one', async () => {
    const context = testContext();
    const id = insertMachine(context, 'web');
    const newer = (text: string) => text.replace(kernels, `${kernels}image 6.1.0-41-amd64\n`);
    const asUser = (text: string) => text.replace('uid 0', 'uid 1000');
    const asContainer = (text: string) => text.replace('detected kvm', 'detected kvm\ncontainer lxc');
    const text = newer(seen({ boot: 'a' }));
    expect(await look(context, id, asContainer(text))).toBe(false);
    expect(await look(context, id, asUser(text))).toBe(false);
    expect(await look(context, id, asUser(text))).toBe(false);
    // Root sees that it is none any more: another machine answers at this address.
    expect(await look(context, id, text)).toBe(true);
    expect(await look(context, id, asUser(text))).toBe(true);
  });

  it('is the same after rebuilding from the archive', async () => {
    const context = testContext();
    const id = insertMachine(context, 'web');
    await look(context, id, seen({ boot: 'a', needrestart: 3 }));
    await look(context, id, seen({ boot: 'a' }));
    rebuildDerived(context);
    expect(tile(context)).toBe(true);
  });
});
