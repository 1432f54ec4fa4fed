import type { Arguments } from '../arguments.ts';
import { Exit, exitCodes, usage, type ExitCode } from '../exit.ts';
import { choose } from '../machines.ts';
import { plainLines, table, type Output } from '../output.ts';
import type { Session } from '../session.ts';
import { t } from '../words/index.ts';

async function show({ client }: Session, id: string, output: Output): Promise<ExitCode> {
  const report = await client['reports.get']({ id });
  output.data({ report }, () => plainLines(report.markdown));
  return exitCodes.ok;
}

export async function report(session: Session, args: Arguments, output: Output): Promise<ExitCode> {
  const { client } = session;
  const [id, ...more] = args.positionals;
  if (more.length > 0) throw usage(t('cli.report.one'));
  if (id !== undefined) return show(session, id, output);
  const name = args.text('machine');
  const limit = args.count('limit', 30, 500);
  if (name !== undefined) {
    const { rows } = await client['fleet.snapshot']({});
    const [machine] = choose(rows, [name], args);
    const { reports } = await client['reports.list']({ machineId: machine?.id, limit: 500 });
    const newest = [...reports].sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
    if (!newest) throw new Exit(exitCodes.failed, t('cli.report.noneOf', { name }));
    return show(session, newest.id, output);
  }
  const { reports } = await client['reports.list']({ limit });
  output.data({ reports: reports.map(({ match: _match, ...one }) => one) }, () =>
    reports.length === 0
      ? t('cli.report.none')
      : table(
          [t('cli.head.report'), t('cli.head.when'), t('cli.head.title')],
          reports.map((one) => [one.id, one.createdAt, one.title]),
        ),
  );
  return exitCodes.ok;
}
