import type { Arguments } from '../arguments.ts';
import { exitCodes, usage, type ExitCode } from '../exit.ts';
import { codeOfJobs, known, showJobs, startAndFollow } from '../follow.ts';
import { choose } from '../machines.ts';
import type { Output } from '../output.ts';
import type { Session } from '../session.ts';
import { t } from '../words/index.ts';

async function withIds({ client }: Session, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) throw usage(t('cli.jobs.which'));
  const found = await known(client, ids);
  const missing = ids.find((id) => found.every((job) => job.id !== id));
  if (missing !== undefined) throw usage(t('cli.jobs.notThere', { id: JSON.stringify(missing) }));
  return ids;
}

async function cancel(session: Session, args: Arguments, output: Output): Promise<ExitCode> {
  const ids = await withIds(session, args.positionals.slice(1));
  let code: ExitCode = exitCodes.ok;
  for (const id of ids) {
    const { outcome } = await session.client['jobs.cancel']({ id });
    output.say(t(`cli.cancel.${outcome}`, { id }));
    if (outcome === 'refused_dpkg_running') code = exitCodes.failed;
  }
  showJobs(output, await known(session.client, ids));
  return code;
}

export async function jobs(session: Session, args: Arguments, output: Output): Promise<ExitCode> {
  const [first] = args.positionals;
  if (first === 'cancel') return cancel(session, args, output);
  if (first === 'follow') {
    const ids = await withIds(session, args.positionals.slice(1));
    const ended = await startAndFollow(session, output, () => Promise.resolve(ids));
    showJobs(output, ended);
    return codeOfJobs(ended);
  }
  const { client } = session;
  const limit = args.count('limit', 30, 500);
  const { rows } = await client['fleet.snapshot']({});
  const isNarrowed = args.positionals.length + args.list('tag').length > 0;
  const wanted = isNarrowed ? new Set(choose(rows, args.positionals, args).map(({ id }) => id)) : null;
  const answer = await client['jobs.list']({
    limit: wanted === null ? limit : 500,
    ...(args.flag('active') && { statuses: ['queued', 'running'] }),
  });
  const shown = answer.jobs.filter(({ machineId }) => wanted === null || wanted.has(machineId ?? ''));
  showJobs(output, shown.slice(0, limit));
  return exitCodes.ok;
}
