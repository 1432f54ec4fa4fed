import { randomBytes } from 'node:crypto';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { SnapshotError } from '../../shared/domain/json-contract.ts';
import { isoNow } from '../context.ts';
import { analyzeApt, hasAptCounts } from '../debian/analysis.ts';
import type { PlanSelection } from '../../shared/domain/unions.ts';
import { historyMark, recordForeignRuns } from '../history/index.ts';
import { simulateSecurity } from '../plans/index.ts';
import { redactText } from '../redact/redactor.ts';
import { containerSeenByRoot, formerRebootNeed, saveAnalysis } from '../snapshots/index.ts';
import { renderTemplate } from '../templates/render.ts';
import { sha256Hex } from '../templates/sha256.ts';
import type { ActionDeps } from './deps.ts';
import { proxyVariables } from './proxy.ts';

/** Wall time for one look at a machine: the slowest part is a repository that does not answer, bounded at 20 s a try. */
const TIME_LIMIT_MS = 10 * 60_000;
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

export interface AnalyzeRequest {
  readonly machineId: string;
  readonly jobId: string;
  readonly executionId?: string;
  /** Fetch the package lists first; needs root. */
  readonly refresh: boolean;
  /** Plans that are simulated as well, where what is found has something for them. */
  readonly foresee?: readonly PlanSelection[] | undefined;
  readonly signal: AbortSignal;
  readonly reason: string;
}

/**
 * Looks at a machine's packages and archives what it finds. Where root is not to be had, the lists are not fetched and the
 * snapshot says so; everything else works as the login user.
 * @throws AppError ssh_*, vault_locked, output_unparseable, unsupported_os, cancelled
 */
export async function analyzeMachine(
  deps: ActionDeps,
  request: AnalyzeRequest,
): Promise<{ snapshotId: string; errors: readonly SnapshotError[]; usable: boolean }> {
  const { context, directory } = deps;
  const target = directory.target(request.machineId);
  const rootAsked = request.refresh && (target.username === 'root' || target.sudoMode !== 'none');
  const notes: SnapshotError[] = [];
  let ran: { output: string; nonce: string };
  if (rootAsked) {
    try {
      ran = await runTemplate(deps, request, 'apt_refresh_analyze', true);
    } catch (error) {
      const { code, message, data } = toAppError(error);
      if (!code.startsWith('sudo_')) throw error;
      notes.push({ source: 'ssh', kind: code, severity: 'warning', message, data });
      ran = await runTemplate(deps, request, 'apt_analyze', false);
    }
  } else {
    ran = await runTemplate(deps, request, 'apt_analyze', false);
  }
  const { snapshot, messages } = analyzeApt(ran.output, {
    nonce: ran.nonce,
    machineId: request.machineId,
    checkedAt: isoNow(context),
    sha256: sha256Hex,
    formerNeed: formerRebootNeed(context, request.machineId),
    rootsContainer: () => containerSeenByRoot(context, request.machineId),
  });
  const errors = [...notes, ...(snapshot.errors ?? [])];
  const rawOutput = redactText(ran.output, deps.credentials.currentSecrets(request.machineId));
  const snapshotId = await saveAnalysis(context, {
    snapshot: {
      ...snapshot,
      errors,
      ...(notes.length > 0 && snapshot.status === 'ok' && { status: 'warning' as const }),
    },
    messages,
    rawOutput,
    jobId: request.jobId,
    ...(request.executionId && { executionId: request.executionId }),
  });
  recordForeignRuns(context, request.machineId, rawOutput, ran.nonce);
  const unforeseen = hasAptCounts(snapshot) ? await foresee(deps, request) : [];
  return { snapshotId, errors: [...errors, ...unforeseen], usable: hasAptCounts(snapshot) };
}

/** Simulates what later work goes by. What APT refuses is told as a warning: who needs it finds that it is not there. */
async function foresee(
  deps: ActionDeps,
  { machineId, signal, foresee: wanted = [] }: AnalyzeRequest,
): Promise<SnapshotError[]> {
  const refused: SnapshotError[] = [];
  for (const selection of wanted) {
    try {
      await simulateSecurity(deps, machineId, selection, signal);
    } catch (error) {
      const { code, message, data } = toAppError(error);
      if (code !== 'conflict' && !code.startsWith('apt_')) throw error;
      refused.push({ source: 'apt', kind: code, severity: 'warning', message, data });
    }
  }
  return refused;
}

async function runTemplate(
  deps: ActionDeps,
  { machineId, signal, reason }: AnalyzeRequest,
  template: string,
  asRoot: boolean,
): Promise<{ output: string; nonce: string }> {
  const nonce = randomBytes(12).toString('hex');
  const { script } = renderTemplate(deps.templatesDir, template, {
    nonce,
    historyMark: historyMark(deps.context, machineId),
    ...(asRoot && proxyVariables(deps, machineId)),
  });
  const { stdout, exitCode, stderr } = await deps.pool.exec(machineId, {
    script,
    asRoot,
    timeoutMs: TIME_LIMIT_MS,
    maxBytes: OUTPUT_LIMIT_BYTES,
    signal,
    reason,
  });
  const output = Buffer.from(stdout).toString('utf8');
  if (!output.includes(`@@${nonce} end`)) {
    throw new AppError('output_unparseable', 'The host did not finish its answer', {
      exitCode,
      detail: Buffer.from(stderr).toString('utf8').slice(-500),
    });
  }
  return { output, nonce };
}
