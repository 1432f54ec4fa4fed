import { inArray } from 'drizzle-orm';
import { isPlanBound } from '../actions/apt-change.ts';
import { armedOfDue } from '../armed/index.ts';
import { writeDataFile } from '../artifacts/index.ts';
import type { CoreContext } from '../context.ts';
import { machineState } from '../db/schema/index.ts';
import { changesOf, insertReport, reportLanguage } from '../reports/index.ts';
import { planOf, type RunPlan } from './model.ts';
import { executionsOf, scheduleReport, type ReportMember } from './report.ts';
import { runMachines } from './run-machines.ts';
import * as store from './store.ts';

export interface Reporting {
  /** Writes what is due; nothing while that goes on. What fails stays due until the next look. */
  look(): void;
  /** Begins no other; waits for the one that is being written. */
  close(): Promise<void>;
}

/** Writes the document of each run that has ended: the run says that it is due, in the transaction of its end. */
export function createReporting(context: CoreContext): Reporting {
  let work: Promise<void> | null = null;
  let isWanted = false;
  let isClosed = false;

  async function writeDue(): Promise<void> {
    isWanted = false;
    while (!isClosed) {
      const run = store.nextReportDue(context);
      if (!run) return;
      await write(context, run);
      context.bus.publish('schedule.changed', { scheduleId: run.scheduleId });
    }
  }

  function look(): void {
    isWanted = true;
    work ??= writeDue()
      .catch((error: unknown) => {
        context.log.error('The report of a run of a schedule could not be written; trying again', {
          error: String(error),
        });
      })
      .finally(() => {
        work = null;
        // A run has ended while the last was being looked for.
        if (isWanted && !isClosed) look();
      });
  }

  return {
    look,
    async close() {
      isClosed = true;
      await work;
    },
  };
}

async function write(context: CoreContext, run: store.RunRow): Promise<void> {
  const plan = planOf(run);
  const members = membersOf(context, run, plan);
  const changes = changesOf(context, members.flatMap(executionsOf));
  const { title, markdown } = scheduleReport({
    language: reportLanguage(context),
    run,
    plan,
    members,
    changes,
  });
  const { path } = await writeDataFile(context, `reports/${run.id}.md`, markdown);
  const { id: runId, scheduleId, status } = run;
  const summary = { scheduleId, runId, name: plan.name, status, machines: members.length };
  context.database.tx(() => {
    const reportId = insertReport(context, {
      machineId: null,
      executionId: null,
      kind: 'global',
      title,
      path,
      summary,
    });
    store.patchRun(context, runId, { reportId, reportDue: false });
  });
}

function membersOf(context: CoreContext, run: store.RunRow, plan: RunPlan): ReportMember[] {
  const members = runMachines(context, run.id);
  const armed = armedOfDue(context, run.scheduleId, run.dueAt);
  const step = plan.steps.find(({ action }) => isPlanBound(action));
  const needs = new Map(
    context.database.db
      .select({ id: machineState.machineId, required: machineState.aptRebootRequired })
      .from(machineState)
      .where(
        inArray(
          machineState.machineId,
          members.map(({ machineId }) => machineId),
        ),
      )
      .all()
      .map(({ id, required }) => [id, required]),
  );
  return members.map((member) => {
    const row = armed.get(member.machineId)?.row;
    return {
      ...member,
      armed: step && row?.status === 'taken_up' ? { step, executionId: row.id } : null,
      rebootRequired: needs.get(member.machineId) ?? null,
    };
  });
}
