import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { logIn, type SshConnection } from './connection.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { dial, resolveAddresses } from './dial.ts';
import { execOn, NotStarted } from './exec.ts';
import { openRoute, type PoolContext, type Route } from './route.ts';
import { refuseWithoutSudo } from './sudo.ts';
import {
  diagnosisSteps,
  type DiagnosisProgress,
  type DiagnosisStep,
  type SshDirectory,
  type SshTarget,
} from './types.ts';

type StepName = DiagnosisStep['step'];
const reason = 'Connection test';

/** Tries a machine step by step over a connection of its own and tells what each step found; never rejects but on cancel. */
export async function diagnoseMachine(
  context: PoolContext,
  target: SshTarget,
  signal: AbortSignal,
  report?: DiagnosisProgress,
): Promise<readonly DiagnosisStep[]> {
  const steps: DiagnosisStep[] = [];
  let current: StepName = 'resolve';
  let startedMs = context.now();
  const begin = (step: StepName) => {
    current = step;
    startedMs = context.now();
    report?.begin(step);
  };
  const record = (status: DiagnosisStep['status'], detail: string, error: AppError | null) => {
    const durationMs = status === 'skipped' ? 0 : Math.max(0, Math.round(context.now() - startedMs));
    const step: DiagnosisStep = {
      step: current,
      status,
      durationMs,
      detail,
      errorKind: error?.code ?? null,
      ...(error && { errorData: error.data }),
    };
    steps.push(step);
    report?.step(step);
  };
  const done = (detail: string) => {
    record('ok', detail, null);
  };

  const deadline = createDeadline(context.connectTimeoutMs * 2, target.name, signal);
  let route: Route | null = null;
  let connection: SshConnection | null = null;
  try {
    route = await reach(context, target, deadline.signal, begin, done);
    connection = await login(context, target, route, deadline, { begin, done, report });
    deadline.release();

    begin('shell');
    const shell = await probe(context, connection, target, false, signal);
    done(shell);

    begin('sudo');
    if (target.username === 'root') record('skipped', 'root', null);
    else if (target.sudoMode === 'none') record('skipped', 'sudo_mode_none', null);
    else {
      refuseWithoutSudo(target);
      done(await probe(context, connection, target, true, signal));
    }
  } catch (thrown) {
    const error = toAppError(thrown instanceof NotStarted ? thrown.cause : thrown);
    if (error.code === 'cancelled') throw error;
    record('failed', error.message, error);
  } finally {
    deadline.release();
    if (connection !== null) await connection.close();
    route?.transport.destroy();
    route?.release();
  }
  for (const step of diagnosisSteps.slice(steps.length)) {
    steps.push({ step, status: 'skipped', durationMs: 0, detail: '', errorKind: null });
  }
  return steps;
}

async function reach(
  context: PoolContext,
  target: SshTarget,
  signal: AbortSignal,
  begin: (step: StepName) => void,
  done: (detail: string) => void,
): Promise<Route> {
  begin('resolve');
  if (target.jumpMachineId !== null) {
    // The name means what it means on the jump host.
    const jump = context.directory.target(target.jumpMachineId);
    done(jump.name);
    begin('connect');
    const route = await openRoute(context, target, reason, signal);
    done(`${target.hostname}:${target.port} (${jump.name})`);
    return route;
  }
  const addresses = await resolveAddresses(target, signal);
  done(addresses.map(({ address }) => address).join(', '));
  begin('connect');
  const socket = await dial(target, addresses, signal);
  done(`${socket.remoteAddress ?? target.hostname}:${target.port}`);
  return { transport: socket, release: () => undefined };
}

async function login(
  context: PoolContext,
  target: SshTarget,
  route: Route,
  deadline: Deadline,
  told: {
    begin: (step: StepName) => void;
    done: (detail: string) => void;
    report: DiagnosisProgress | undefined;
  },
): Promise<SshConnection> {
  const { begin, done, report } = told;
  const { directory } = context.login;
  const watched: SshDirectory = {
    target: (id) => directory.target(id),
    secret: (id, field, why) => directory.secret(id, field, why),
    approvedKeyTypes: (of) => directory.approvedKeyTypes(of),
    async checkHostKey(of, key) {
      const status = await directory.checkHostKey(of, key);
      report?.hostKey(key, status);
      return status;
    },
  };
  let shown = '';
  begin('host_key');
  const connection = await logIn({
    ...context.login,
    directory: watched,
    target,
    transport: route.transport,
    reason,
    agentSocket: context.agentSocket(),
    signal: deadline.signal,
    onHostKey: (key) => {
      shown = `${key.type} ${key.fingerprintSha256}`;
    },
    onPhase: (phase) => {
      deadline.phase = phase;
      if (phase !== 'authenticate') return;
      done(shown);
      begin('authenticate');
    },
  });
  done(target.username);
  return connection;
}

/** Asks who we are; the answer is the user name of the shell's user. */
async function probe(
  context: PoolContext,
  connection: SshConnection,
  target: SshTarget,
  asRoot: boolean,
  signal: AbortSignal,
): Promise<string> {
  const deadline = createDeadline(context.shellTimeoutMs, target.name, signal);
  try {
    const request = { script: 'id -u; id -un', asRoot, timeoutMs: context.shellTimeoutMs, reason };
    const result = await execOn(context, connection, target, request, deadline);
    const [uid = '', name = ''] = Buffer.from(result.stdout).toString().split('\n');
    if (result.exitCode !== 0 || !/^\d+$/.test(uid) || (asRoot && uid !== '0')) {
      throw new AppError(
        asRoot ? 'sudo_not_allowed' : 'ssh_channel_refused',
        `${target.name}: the shell gave no sensible answer`,
        { exitCode: result.exitCode },
      );
    }
    return name;
  } finally {
    deadline.release();
  }
}
