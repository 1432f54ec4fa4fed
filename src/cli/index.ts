#!/usr/bin/env node
import { version } from '../gateway/version.ts';
import { toAppError } from '../shared/domain/errors.ts';
import { commandNames, help, readArguments, type Arguments, type CommandName } from './arguments.ts';
import { jobs } from './commands/jobs.ts';
import { list } from './commands/list.ts';
import { report } from './commands/report.ts';
import { requests } from './commands/requests.ts';
import { reboot, refresh, run, upgrade } from './commands/work.ts';
import { codeOf, Exit, usage, type ExitCode } from './exit.ts';
import { createOutput, plain, type Output } from './output.ts';
import { serve } from './serve.ts';
import { openSession, type Session } from './session.ts';

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

async function main(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(help);
    return 0;
  }
  if (first === '--version') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (first === 'serve') return serve(rest);
  const name = commandNames.find((one) => one === first);
  if (!name) throw usage(`homeport has no command ${JSON.stringify(first)}. homeport --help tells them.`);
  const args = readArguments(name, rest);
  if (args.isHelp) {
    process.stdout.write(help);
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
    const detail = error.code === 'internal' && thrown instanceof Error ? `: ${thrown.message}` : '';
    process.stderr.write(`${plain(`${error.code}: ${error.message}${detail}`)}\n`);
    process.exitCode = codeOf([error.code]);
  }
}
