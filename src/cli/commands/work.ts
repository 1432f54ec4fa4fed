import type { FleetRow } from '../../shared/contract/models.ts';
import type { HomeportClient } from '../../shared/contract/index.ts';
import {
  conffilePolicies,
  hasPlan,
  startableActions,
  type StartableAction,
} from '../../shared/domain/unions.ts';
import type { Arguments } from '../arguments.ts';
import { Exit, exitCodes, needsPerson, usage, type ExitCode } from '../exit.ts';
import { codeOfJobs, known, showJobs, startAndFollow } from '../follow.ts';
import { chosenMachines, openVault } from '../machines.ts';
import type { Output } from '../output.ts';
import { planData, planOf, sayPlans, type ShownPlan } from '../plans.ts';
import type { Session } from '../session.ts';
import { confirmed, isInteractive } from '../terminal.ts';
import { t } from '../words/index.ts';

interface Work {
  readonly action: StartableAction;
  readonly names: readonly string[];
  /** It only looks: nobody has to be asked. */
  readonly isReading: boolean;
}

function conffilesOf(args: Arguments) {
  const given = args.text('conffiles');
  if (given === undefined) return {};
  const conffiles = conffilePolicies.find((policy) => policy === given);
  if (!conffiles) throw usage(t('cli.oneOf', { option: '--conffiles', values: conffilePolicies.join(', ') }));
  return { conffiles };
}

/** Starts one action on each machine, bound to the plan that was shown for it. */
async function startEach(
  client: HomeportClient,
  action: StartableAction,
  rows: readonly FleetRow[],
  optionsOf: (row: FleetRow) => object,
): Promise<string[]> {
  const ids: string[] = [];
  for (const row of rows) {
    const { jobs } = await client['jobs.start']({ action, machineIds: [row.id], options: optionsOf(row) });
    ids.push(...jobs.map(({ jobId }) => jobId));
  }
  return ids;
}

async function carryOut(
  session: Session,
  args: Arguments,
  output: Output,
  start: (client: HomeportClient) => Promise<readonly string[]>,
): Promise<ExitCode> {
  if (args.flag('no-wait')) {
    if (session.isAlone) throw usage(t('cli.jobs.noWaitAlone'));
    showJobs(output, await known(session.client, await start(session.client)));
    return exitCodes.ok;
  }
  const jobs = await startAndFollow(session, output, start);
  showJobs(output, jobs);
  return codeOfJobs(jobs);
}

async function ask(
  { client }: Session,
  args: Arguments,
  output: Output,
  action: StartableAction,
  rows: readonly FleetRow[],
  options: object,
): Promise<ExitCode> {
  const note = args.text('note');
  const { id } = await client['requests.create']({
    action,
    machineIds: rows.map((row) => row.id),
    options,
    ...(note !== undefined && { note }),
  });
  output.data({ request: { id, action, machines: rows.map(({ name }) => name) } }, () => id);
  output.say(t('cli.requests.waits', { id }));
  return exitCodes.ok;
}

/** Plans of the machines that have something to do; those that have not are told. @throws Exit */
function toApply(output: Output, plans: readonly ShownPlan[], wantedHash: string | undefined): ShownPlan[] {
  const unknown = plans.filter(({ planHash }) => planHash === null);
  if (unknown.length > 0) {
    sayPlans(output, unknown);
    throw new Exit(exitCodes.failed, t('cli.plan.missing'));
  }
  if (wantedHash !== undefined) {
    if (plans.length > 1) throw usage(t('cli.plan.ofOne'));
    if (plans[0]?.planHash !== wantedHash) {
      sayPlans(output, plans);
      throw needsPerson(t('cli.plan.other'));
    }
  }
  return plans.filter(({ packages }) => packages.length > 0);
}

async function workWithPlan(
  session: Session,
  args: Arguments,
  output: Output,
  { action }: Work,
  rows: readonly FleetRow[],
): Promise<ExitCode> {
  const { client } = session;
  const plans = await Promise.all(rows.map((row) => planOf(client, action, row)));
  const due = toApply(output, plans, args.text('plan'));
  if (due.length === 0) {
    output.data({ jobs: [], plans: plans.map(planData) }, () => t('cli.nothingToDo'));
    return exitCodes.ok;
  }
  const options = conffilesOf(args);
  const dueRows = due.map(({ row }) => row);
  const [only] = due;
  const hash = due.length === 1 && only?.planHash ? { planHash: only.planHash } : {};
  if (args.flag('ask')) {
    sayPlans(output, due);
    return ask(session, args, output, action, dueRows, { ...options, ...hash });
  }
  if (!args.flag('yes')) {
    // A script reads the plan from here, and comes back with --yes --plan=HASH.
    if (output.isJson && !isInteractive()) output.data({ jobs: [], plans: due.map(planData) }, () => '');
    else sayPlans(output, due);
    if (!(await confirmed(t('cli.ask.apply', { count: due.length }))))
      throw needsPerson(t('cli.nothingDone'));
  }
  const hashes = new Map(due.map(({ row, planHash }) => [row.id, planHash]));
  return carryOut(session, args, output, (started) =>
    startEach(started, action, dueRows, ({ id }) => ({ ...options, planHash: hashes.get(id) ?? undefined })),
  );
}

async function work(session: Session, args: Arguments, output: Output, job: Work): Promise<ExitCode> {
  const { client } = session;
  const { action } = job;
  const rows = await chosenMachines(client, job.names, args);
  if (!args.flag('ask'))
    await openVault(
      session,
      rows.map(({ id }) => id),
      args.passphraseStdin,
    );
  if (args.flag('refresh')) {
    const refreshed = await startAndFollow(session, output, (started) =>
      startEach(started, 'apt_update_analyze', rows, () => ({})),
    );
    const code = codeOfJobs(refreshed);
    if (code !== exitCodes.ok) {
      showJobs(output, refreshed);
      return code;
    }
  }
  if (hasPlan(action)) return workWithPlan(session, args, output, job, rows);
  if (args.flag('ask')) return ask(session, args, output, action, rows, {});
  if (!job.isReading && !args.flag('yes')) {
    output.say(`${action}: ${rows.map(({ name }) => name).join(', ')}`);
    if (!(await confirmed(t('cli.ask.do', { count: rows.length })))) throw needsPerson(t('cli.nothingDone'));
  }
  return carryOut(session, args, output, (started) => startEach(started, action, rows, () => ({})));
}

export const refresh = (session: Session, args: Arguments, output: Output): Promise<ExitCode> =>
  work(session, args, output, { action: 'apt_update_analyze', names: args.positionals, isReading: true });

export const upgrade = (session: Session, args: Arguments, output: Output): Promise<ExitCode> =>
  work(session, args, output, {
    action: args.flag('full') ? 'apt_full_upgrade' : 'apt_upgrade',
    names: args.positionals,
    isReading: false,
  });

export const reboot = (session: Session, args: Arguments, output: Output): Promise<ExitCode> =>
  work(session, args, output, {
    action: args.flag('unverified') ? 'reboot' : 'reboot_verified',
    names: args.positionals,
    isReading: false,
  });

export function run(session: Session, args: Arguments, output: Output): Promise<ExitCode> {
  const [name, ...names] = args.positionals;
  const action = startableActions.find((one) => one === name);
  if (!action) throw usage(t('cli.action', { values: startableActions.join(', ') }));
  const isReading = action === 'apt_update_analyze' || action === 'machine_probe';
  return work(session, args, output, { action, names, isReading });
}
