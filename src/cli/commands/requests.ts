import type { RequestDetail, RequestSummary } from '../../shared/contract/requests.ts';
import type { Arguments } from '../arguments.ts';
import { Exit, exitCodes, needsPerson, usage, type ExitCode } from '../exit.ts';
import { codeOfJobs, showJobs, startAndFollow } from '../follow.ts';
import { openVault } from '../machines.ts';
import { plain, table, type Output } from '../output.ts';
import type { Session } from '../session.ts';
import { confirmed } from '../terminal.ts';

const machinesText = ({ machines, machineCount }: RequestSummary): string => {
  const names = machines.slice(0, 3).map(({ name }) => name);
  return machineCount > names.length ? `${names.join(', ')} … (${machineCount})` : names.join(', ');
};

const changesText = ({ changes: { upgrades, installs, removals }, reboot }: RequestSummary): string =>
  [
    upgrades > 0 ? `${upgrades} upgraded` : '',
    installs > 0 ? `${installs} new` : '',
    removals > 0 ? `${removals} removed` : '',
    reboot === 'yes' ? 'reboots' : reboot === 'likely' ? 'reboot likely' : '',
  ]
    .filter(Boolean)
    .join(', ');

function sayDetail(output: Output, detail: RequestDetail): void {
  output.say(`${detail.action} on ${machinesText(detail)}: ${changesText(detail) || 'no packages'}`);
  if (detail.note !== null) output.say(`Note: ${detail.note}`);
  for (const { name, planned, change } of detail.plans) {
    output.say(`${name}${change ? ' (the plan has changed since)' : ''}`);
    for (const one of planned) {
      const versions = [one.currentVersion, one.targetVersion].filter((version) => version !== null);
      output.say(`  ${one.operation.padEnd(8)}${one.name} ${versions.join(' → ')}`);
    }
  }
}

async function approve(session: Session, args: Arguments, output: Output, id: string): Promise<ExitCode> {
  const { client } = session;
  const detail = await client['requests.get']({ id });
  if (detail.status !== 'pending') throw new Exit(exitCodes.failed, `The request is ${detail.status}.`);
  sayDetail(output, detail);
  if (!args.flag('yes') && !(await confirmed('Approve this?'))) throw needsPerson('Nothing was done.');
  await openVault(
    session,
    detail.plans.map((one) => one.id),
    args.passphraseStdin,
  );
  const note = args.text('note');
  const decide = async () => {
    const answer = await client['requests.approve']({
      id,
      binding: detail.binding,
      ...(note !== undefined && { note }),
    });
    if (answer.outcome === 'expired') throw new Exit(exitCodes.failed, 'The request has expired.');
    if (answer.outcome === 'plan_changed') {
      throw needsPerson(
        `Nothing was queued: the plan has changed on ${answer.machines.map(({ name }) => name).join(', ')}.`,
      );
    }
    return answer;
  };
  if (detail.machineCount > 1 || args.flag('no-wait')) {
    const { jobId, bulkRunId } = await decide();
    output.data({ approved: { id, jobId, bulkRunId } }, () => jobId ?? bulkRunId ?? id);
    // Alone, the bulk run would end with this process: it is taken up by the next.
    if (session.isAlone) output.say('Queued. The next Homeport that starts carries it out.');
    return exitCodes.ok;
  }
  const jobs = await startAndFollow(session, output, async () => {
    const { jobId } = await decide();
    return jobId === null ? [] : [jobId];
  });
  showJobs(output, jobs);
  return codeOfJobs(jobs);
}

export async function requests(session: Session, args: Arguments, output: Output): Promise<ExitCode> {
  const { client } = session;
  const [verb = 'list', id, ...more] = args.positionals;
  if (verb === 'list') {
    const answer = await client['requests.list']({ limit: args.count('limit', 30, 500) });
    output.data({ requests: answer.requests }, () =>
      answer.requests.length === 0
        ? 'No requests.'
        : table(
            ['REQUEST', 'STATUS', 'ACTION', 'MACHINES', 'CHANGES', 'EXPIRES'],
            answer.requests.map((one) => [
              one.id,
              one.status,
              one.action,
              machinesText(one),
              changesText(one),
              one.status === 'pending' ? (one.expiresAt ?? '') : '',
            ]),
          ),
    );
    return exitCodes.ok;
  }
  if (id === undefined || more.length > 0) throw usage(`homeport requests ${plain(verb)} takes one request.`);
  if (verb === 'show') {
    const detail = await client['requests.get']({ id });
    if (output.isJson) output.data({ request: detail }, () => '');
    else sayDetail(output, detail);
    return exitCodes.ok;
  }
  if (verb === 'approve') return approve(session, args, output, id);
  if (verb !== 'reject') throw usage('homeport requests knows list, show, approve and reject.');
  const note = args.text('note');
  await client['requests.reject']({ id, ...(note !== undefined && { note }) });
  output.data({ rejected: { id } }, () => 'Rejected.');
  return exitCodes.ok;
}
