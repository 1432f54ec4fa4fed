import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ScheduleInput } from '../../shared/contract/schedules.ts';
import { explain } from '../db/explain.ts';
import { reportHandlers } from '../reports/index.ts';
import { runMachines } from './run-machines.ts';
import { nextReportDue } from './store.ts';
import { closeAll, setUp } from './testing/bed.ts';
import { putSchedule } from './testing/fake-fleet.ts';

afterEach(closeAll);

const due = '2026-11-26T02:00:00Z';
const steps: ScheduleInput['steps'] = [
  { action: 'apt_full_upgrade', condition: 'if_updates' },
  { action: 'reboot_verified', condition: 'if_reboot_needed' },
];
const caller = { surface: 'ui', signal: new AbortController().signal } as const;

function reporting(bed: ReturnType<typeof setUp>, id: string) {
  bed.context.database.raw
    .prepare(
      "insert or replace into user_preferences (id, user_id, key, value_json, updated_at) values ('l', 'local', 'language', '\"en\"', 't')",
    )
    .run();
  return async (count = 1) => {
    await vi.waitFor(() =>
      expect(bed.runs(id).filter(({ reportId }) => reportId !== null)).toHaveLength(count),
    );
    const [run] = bed.runs(id);
    return { run, markdown: readFileSync(join(bed.context.dataDir, 'reports', `${run?.id}.md`), 'utf8') };
  };
}

describe('the report of a run', () => {
  it('says what was done on each machine, what was left and why, and is in the list of reports', async () => {
    const bed = setUp({
      a: { fails: 'reboot_verified', upgradeWantsReboot: true },
      b: { updates: 0 },
      c: {},
    });
    const id = putSchedule(bed.context, { name: 'Nightly | all', steps, wave: { sizes: [2, 1] } });
    const written = reporting(bed, id);
    bed.at(due);
    await bed.ended(id);
    const { run, markdown } = await written();
    expect(run).toMatchObject({ status: 'stopped' });
    expect(markdown).toContain('# Nightly \\| all, 2026\\-11\\-26');
    expect(markdown).toContain('| Due | 2026-11-26 02:00:00 UTC |');
    expect(markdown).toContain('**stopped after a failure**');
    expect(markdown).toContain('2. Full upgrade, if there are updates');
    expect(markdown).toContain(
      '| a | failed | Refresh: succeeded; Full upgrade: succeeded; Reboot, with proof of return: failed |',
    );
    expect(markdown).toContain('| b | done | Refresh: succeeded; Full upgrade: not needed; ');
    expect(markdown).toContain(
      '- c: another machine had failed; not begun: Refresh, Full upgrade, Reboot, with proof of return',
    );
    expect(markdown).toContain('- a: **apt\\_package\\_failed**: no');
    const { reports } = await reportHandlers(bed.context)['reports.list']({ limit: 10 }, caller);
    expect(reports).toMatchObject([
      { id: run?.reportId, kind: 'global', outcome: 'stopped', title: 'Nightly | all, 2026-11-26' },
    ]);
  });

  it('says what was approved and what was not', async () => {
    const bed = setUp({ a: {}, b: {} });
    const id = putSchedule(bed.context, { steps: steps.slice(0, 1), asksApproval: true });
    const written = reporting(bed, id);
    bed.at(due);
    const pending = () =>
      bed.context.database.raw
        .prepare("select id, binding from action_requests where status = 'pending' order by machine_id")
        .all() as { id: string; binding: string }[];
    await vi.waitFor(() => expect(pending()).toHaveLength(2));
    const [a, b] = pending();
    bed.requests.approve(a!.id, a!.binding, 'ui');
    bed.requests.reject(b!.id, 'ui');
    const { markdown } = await written();
    expect(markdown).toContain('| Approval | asked for before anything was changed |');
    expect(markdown).toContain('| a | done | Refresh: succeeded; Full upgrade: approved, succeeded |');
    expect(markdown).toContain('| b | left | Refresh: succeeded; Full upgrade: rejected |');
    expect(markdown).toContain('- b: rejected');
  });

  it('is written later where the disk refused it, also by the next start, and once', async () => {
    const bed = setUp({ a: {} });
    const id = putSchedule(bed.context, {});
    const written = reporting(bed, id);
    const folder = join(bed.context.dataDir, 'reports');
    mkdirSync(bed.context.dataDir, { recursive: true });
    writeFileSync(folder, 'in the way');
    bed.at(due);
    const [run] = await bed.ended(id);
    await vi.waitFor(() => expect(bed.context.logged.join()).toContain('could not be written'));
    expect(bed.runs(id)[0]?.reportId).toBeNull();
    expect(runMachines(bed.context, run?.id ?? '')).toHaveLength(1);
    rmSync(folder);
    await bed.restart();
    await written();
    bed.schedules.look();
    const { reports } = await reportHandlers(bed.context)['reports.list']({ limit: 10 }, caller);
    expect(reports).toHaveLength(1);
  });

  it('is found to be due by its index, however many runs there are', () => {
    const { context } = setUp();
    const { raw } = context.database;
    const prepare = raw.prepare.bind(raw);
    let sql = '';
    raw.prepare = (text: string) => {
      if (text.includes('"report_due" = 1')) sql = text;
      return prepare(text);
    };
    nextReportDue(context);
    raw.prepare = prepare;
    expect(explain(raw, sql, [1]).join()).toContain('USING INDEX schedule_runs_report_due');
  });
});
