import { toAppError } from '../../shared/domain/errors.ts';
import type { SnapshotError } from '../../shared/domain/json-contract.ts';
import type { ExecutionRow } from '../executions/index.ts';
import type { RunEnd } from '../remote/types.ts';
import { analyzeMachine } from './analyze-machine.ts';
import { lostSession } from './attachment.ts';
import type { ActionDeps } from './deps.ts';
import type { ActionJob } from './types.ts';

/** Looks at the machine again, so that its tile says what is true after a run. Returns what is wrong with it. */
export async function lookAgain(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
): Promise<readonly SnapshotError[]> {
  const { errors } = await analyzeMachine(deps, {
    machineId: job.machineId,
    jobId: job.jobId,
    executionId,
    refresh: false,
    foresee: job.options.foresee,
    signal: job.signal,
    reason: 'look after a run',
  });
  return errors;
}

export interface FoundAfterLoss {
  /** What keeps dpkg from being at rest; null where that could not be read. */
  readonly troubles: readonly SnapshotError[] | null;
  /** dpkg's list of now, in the form of the file `after` of a run; null where it is not whole. */
  readonly packages: string | null;
}

/** The list of all packages as a run leaves it (package_states of the change scripts). */
const packageList = `printf 'native %s\\n' "$(dpkg --print-architecture)" &&
dpkg-query -W -f '\${Package}\\t\${Architecture}\\t\${Version}\\t\${db:Status-Abbrev}\\n' && echo end
`;
const LIST_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Asks a machine in which state a run left dpkg whose session was lost.
 * @throws AppError ssh_*, vault_locked, cancelled: it is asked again at the next contact
 */
export async function lookAfterLoss(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
): Promise<FoundAfterLoss> {
  const { stdout, exitCode } = await deps.pool.exec(job.machineId, {
    script: packageList,
    timeoutMs: 60_000,
    maxBytes: LIST_LIMIT_BYTES,
    signal: job.signal,
    reason: 'look after a run',
  });
  const packages = exitCode === 0 ? Buffer.from(stdout).toString('utf8') : null;
  try {
    const errors = await lookAgain(deps, job, executionId);
    return { troubles: errors.filter(({ kind }) => unfinished.has(kind)), packages };
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    if (!cannotTell.has(code)) throw thrown;
    deps.context.log.error('The look after a lost session failed', { executionId, code, message });
    return { troubles: null, packages };
  }
}

const unfinished: ReadonlySet<string> = new Set([
  'dpkg_interrupted',
  'apt_unmet_dependencies',
  'apt_lock_busy',
] satisfies SnapshotError['kind'][]);
const cannotTell: ReadonlySet<string> = new Set([
  'output_unparseable',
  'output_too_large',
  'unsupported_os',
  'internal',
]);

/** What became of an attached run whose session was lost: the loss itself, then what dpkg still has to finish. */
export function lossErrors(row: ExecutionRow, end: RunEnd, { troubles }: FoundAfterLoss): SnapshotError[] {
  const lost = lostSession(row);
  const state = troubles === null ? 'unknown' : troubles.length === 0 ? 'whole' : 'unfinished';
  const ended =
    end.kind === 'exited'
      ? `what was begun ended by itself with status ${end.exitCode}`
      : end.kind === 'absent'
        ? 'the host has nothing of it any more'
        : end.kind === 'interrupted_by_reboot'
          ? 'the machine rebooted before it had ended'
          : 'it was killed on the host before it had ended';
  const dpkg = {
    unknown: 'dpkg could not be asked whether its work is finished',
    whole: 'dpkg has nothing unfinished',
    unfinished: 'dpkg has to finish its work: dpkg --configure -a',
  }[state];
  return [
    {
      source: 'ssh',
      severity: 'error',
      kind: 'execution_interrupted',
      message: `${lost?.message ?? 'The session was lost'}; ${ended}; ${dpkg}`,
      data: { ...lost?.data, dpkg: state, end: end.kind },
    },
    ...(troubles ?? []),
  ];
}
