#!/usr/bin/env node
import { chooseLanguage } from '../gateway/arguments.ts';
import { version } from '../gateway/version.ts';
import { toAppError } from '../shared/domain/errors.ts';
import { commandNames, readArguments, type Arguments, type CommandName } from './arguments.ts';
import { jobs } from './commands/jobs.ts';
import { list } from './commands/list.ts';
import { report } from './commands/report.ts';
import { requests } from './commands/requests.ts';
import { reboot, refresh, run, upgrade } from './commands/work.ts';
import { codeOf, Exit, usage, type ExitCode } from './exit.ts';
import { createOutput, plain, type Output } from './output.ts';
import { serve } from './serve.ts';
import { openSession, type Session } from './session.ts';
import { errorText, t } from './words/index.ts';

type Command = (session: Session, args: Arguments, output: Output) => Promise<ExitCode>;
const commands: Record<CommandName, Command> = {
  list,
  refresh,
  upgrade,
  reboot,
  run,
  jobs,
  report,
  requests,
};

/** What only looks leaves the queue alone. */
function startsWork(name: CommandName, { positionals, flag }: Arguments): boolean {
  // Asking somebody else starts nothing either.
  if (name === 'list' || name === 'report' || flag('ask')) return false;
  if (name === 'jobs') return positionals[0] === 'cancel' || positionals[0] === 'follow';
  return name !== 'requests' || positionals[0] === 'approve';
}

async function carryOut(name: CommandName, args: Arguments): Promise<ExitCode> {
  const output = createOutput(args.isJson);
  const session = await openSession(args.dataDir, startsWork(name, args));
  try {
    return await commands[name](session, args, output);
  } finally {
    await session.close();
  }
}

function withoutLanguage(argv: readonly string[]): readonly string[] {
  try {
    return chooseLanguage(argv);
  } catch (error) {
    throw usage((error as Error).message);
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = withoutLanguage(argv);
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(t('cli.help'));
    return 0;
  }
  if (first === '--version') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (first === 'serve') return serve(rest);
  const name = commandNames.find((one) => one === first);
  if (!name) throw usage(t('cli.noCommand', { command: JSON.stringify(first) }));
  const args = readArguments(name, rest);
  if (args.isHelp) {
    process.stdout.write(t('cli.help'));
    return 0;
  }
  return carryOut(name, args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  if (thrown instanceof Exit) {
    process.stderr.write(`${plain(thrown.message)}\n`);
    process.exitCode = thrown.code;
  } else {
    const error = toAppError(thrown);
    process.stderr.write(`${plain(errorText(error))}\n`);
    process.exitCode = codeOf([error.code]);
  }
}
