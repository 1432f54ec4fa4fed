import type { RequestDetail, RequestSummary } from '../../shared/contract/requests.ts';
import type { Arguments } from '../arguments.ts';
import { Exit, exitCodes, needsPerson, usage, type ExitCode } from '../exit.ts';
import { codeOfJobs, showJobs, startAndFollow } from '../follow.ts';
import { openVault } from '../machines.ts';
import { plain, table, type Output } from '../output.ts';
import { packageLines } from '../plans.ts';
import type { Session } from '../session.ts';
import { confirmed } from '../terminal.ts';
import { t } from '../words/index.ts';

const machinesText = ({ machines, machineCount }: RequestSummary): string => {
  const names = machines.slice(0, 3).map(({ name }) => name);
  return machineCount > names.length ? `${names.join(', ')} … (${machineCount})` : names.join(', ');
};

const changesText = ({ changes: { upgrades, installs, removals }, reboot }: RequestSummary): string =>
  [
    upgrades > 0 ? t('cli.requests.upgraded', { count: upgrades }) : '',
    installs > 0 ? t('cli.requests.new', { count: installs }) : '',
    removals > 0 ? t('cli.requests.removed', { count: removals }) : '',
    reboot === 'yes' ? t('cli.requests.reboots') : reboot === 'likely' ? t('cli.requests.rebootLikely') : '',
  ]
    .filter(Boolean)
    .join(', ');

function sayDetail(output: Output, detail: RequestDetail): void {
  output.say(
    t('cli.requests.detail', {
      action: detail.action,
      machines: machinesText(detail),
      changes: changesText(detail) || t('cli.requests.noPackages'),
    }),
  );
  if (detail.note !== null) output.say(t('cli.requests.note', { note: detail.note }));
  for (const { name, planned, change } of detail.plans) {
    output.say(change ? t('cli.requests.changed', { name }) : name);
    for (const line of packageLines(planned)) output.say(line);
  }
}

async function approve(session: Session, args: Arguments, output: Output, id: string): Promise<ExitCode> {
  const { client } = session;
  const detail = await client['requests.get']({ id });
  if (detail.status !== 'pending')
    throw new Exit(
      exitCodes.failed,
      t('cli.requests.decided', { status: t(`requests.status.${detail.status}`) }),
    );
  sayDetail(output, detail);
  if (!args.flag('yes') && !(await confirmed(t('cli.ask.approve')))) throw needsPerson(t('cli.nothingDone'));
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
    if (answer.outcome === 'expired') throw new Exit(exitCodes.failed, t('cli.requests.expired'));
    if (answer.outcome === 'plan_changed') {
      throw needsPerson(
        t('cli.requests.planChanged', { names: answer.machines.map(({ name }) => name).join(', ') }),
      );
    }
    return answer;
  };
  if (detail.machineCount > 1 || args.flag('no-wait')) {
    const { jobId, bulkRunId } = await decide();
    output.data({ approved: { id, jobId, bulkRunId } }, () => jobId ?? bulkRunId ?? id);
    // Alone, the bulk run would end with this process: it is taken up by the next.
    if (session.isAlone) output.say(t('cli.requests.queued'));
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
        ? t('cli.requests.none')
        : table(
            [
              t('cli.head.request'),
              t('cli.head.status'),
              t('cli.head.action'),
              t('cli.head.machines'),
              t('cli.head.changes'),
              t('cli.head.expires'),
            ],
            answer.requests.map((one) => [
              one.id,
              t(`requests.status.${one.status}`),
              one.action,
              machinesText(one),
              changesText(one),
              one.status === 'pending' ? (one.expiresAt ?? '') : '',
            ]),
          ),
    );
    return exitCodes.ok;
  }
  if (id === undefined || more.length > 0) throw usage(t('cli.requests.one', { verb: plain(verb) }));
  if (verb === 'show') {
    const detail = await client['requests.get']({ id });
    if (output.isJson) output.data({ request: detail }, () => '');
    else sayDetail(output, detail);
    return exitCodes.ok;
  }
  if (verb === 'approve') return approve(session, args, output, id);
  if (verb !== 'reject') throw usage(t('cli.requests.verbs'));
  const note = args.text('note');
  await client['requests.reject']({ id, ...(note !== undefined && { note }) });
  output.data({ rejected: { id } }, () => t('cli.requests.rejected'));
  return exitCodes.ok;
}
