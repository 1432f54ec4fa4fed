import { randomBytes } from 'node:crypto';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { MachineProbe } from '../../shared/domain/probe.ts';
import type { SnapshotError } from '../../shared/domain/snapshot.ts';
import { isoNow } from '../context.ts';
import {
  completeProbe,
  readClock,
  readProbe,
  type ProbeAdditions,
  type ProbeReading,
} from '../debian/probe.ts';
import { parseRootFindings } from '../debian/probe-smart.ts';
import { saveProbe } from '../hardware/index.ts';
import { redactText } from '../redact/redactor.ts';
import { worstError } from '../snapshots/index.ts';
import { renderTemplate } from '../templates/render.ts';
import type { TemplateVariables } from '../templates/manifest.ts';
import type { ActionDeps } from './deps.ts';
import type { Action, ActionJob } from './types.ts';

/** Each command of the scripts has ten seconds of its own; disks are asked one after the other. */
const TIME_LIMIT_MS = 2 * 60_000;
const ROOT_TIME_LIMIT_MS = 3 * 60_000;
const CLOCK_TIME_LIMIT_MS = 20_000;
const OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024;
/** The quickest of so many answers tells the time best. */
const CLOCK_READINGS = 3;

/**
 * `machine_probe`: reads hardware and metrics as the login user; asks root, where it is to be had, for the health of disks and
 * the serial number only; reads the clock. Changes nothing, so that it may be repeated.
 */
export function machineProbe(deps: ActionDeps): Action {
  return {
    idempotent: true,
    lockKind: 'exclusive',
    validate: (machineId) => {
      deps.directory.target(machineId);
      return {};
    },
    async run(job) {
      job.progress('probe', null);
      const checkedAt = isoNow(deps.context);
      const first = await runScript(deps, job, 'machine_probe', {});
      const reading = readProbe(first.output, { machineId: job.machineId, checkedAt, nonce: first.nonce });
      if (!reading.ok) {
        throw new AppError(reading.error.kind, reading.error.message, { ...reading.error.data });
      }
      const clock = await measureClock(deps, job);
      const additions = await askRoot(deps, job, reading.value);
      const snapshot = completeProbe(reading.value, { ...additions, clock });
      const secrets = deps.credentials.currentSecrets(job.machineId);
      const { snapshotId } = await saveProbe(deps.context, {
        snapshot,
        rawOutput: redactText(`${first.output}${additions.output}`, secrets),
        jobId: job.jobId,
      });
      job.remember({ snapshotId });
      const error = worstError(snapshot.errors ?? []);
      return error ? { status: 'warning', error } : { status: 'ok' };
    },
  };
}

interface RootAnswer extends Pick<ProbeAdditions, 'root' | 'errors'> {
  /** What the script printed, for the archive. */
  readonly output: string;
}

/** Asks root for what only root may read. Where root is not to be had, that is a fact and no error; a refusal is told. */
async function askRoot(deps: ActionDeps, job: ActionJob, reading: ProbeReading): Promise<RootAnswer> {
  const { username, sudoMode } = deps.directory.target(job.machineId);
  const nothing = (root: RootAnswer['root']): RootAnswer => ({ root, errors: [], output: '' });
  const { firmware } = reading.snapshot.probe;
  const wantsHealth = reading.hasSmartctl && reading.healthDisks.length > 0;
  const wantsSerial = !reading.isContainer && firmware.vendor !== null;
  if (username !== 'root' && sudoMode === 'none') return nothing('needs_root');
  if (!wantsHealth && !wantsSerial) return nothing(null);
  job.progress('probe_root', null);
  try {
    const disks = wantsHealth ? reading.healthDisks : [];
    const ran = await runScript(deps, job, 'machine_probe_root', { disks }, true);
    const findings = parseRootFindings(ran.output, ran.nonce);
    if (findings.ok) return { root: findings.value, errors: [], output: ran.output };
    const { kind, message, data } = findings.error;
    return {
      root: 'unreadable',
      errors: [{ source: 'system', kind, severity: 'warning', message, ...(data && { data }) }],
      output: ran.output,
    };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!isAboutRoot(error)) throw thrown;
    const told: SnapshotError = {
      source: 'ssh',
      kind: error.code,
      severity: 'warning',
      message: error.message,
      data: error.data,
    };
    return {
      root: error.code === 'ssh_timeout' ? 'timed_out' : 'root_refused',
      errors: [told],
      output: '',
    };
  }
}

/** The machine itself answered: only this question failed. */
const isAboutRoot = ({ code }: AppError): boolean =>
  code.startsWith('sudo_') || code.startsWith('output_') || code === 'ssh_timeout';

/**
 * How far the machine's clock is from ours. It was read between our sending and our receiving: the middle of that is the best
 * guess, half of it the uncertainty (RFC 5905 measures so). The connection is open already, so that nothing else is timed.
 */
async function measureClock(deps: ActionDeps, job: ActionJob): Promise<MachineProbe['clock']> {
  let best: MachineProbe['clock'] = null;
  for (let reading = 0; reading < CLOCK_READINGS; reading += 1) {
    const sentMs = deps.context.now().getTime();
    const started = performance.now();
    const { output, nonce } = await runScript(deps, job, 'machine_clock', {}, false, CLOCK_TIME_LIMIT_MS);
    const roundTripMs = performance.now() - started;
    const hostMs = readClock(output, nonce);
    if (!hostMs.ok) return best;
    const uncertaintyMs = roundTripMs / 2;
    if (best !== null && best.uncertaintyMs <= uncertaintyMs) continue;
    best = { skewMs: hostMs.value - (sentMs + uncertaintyMs), uncertaintyMs };
  }
  return best;
}

async function runScript(
  deps: ActionDeps,
  { machineId, signal }: ActionJob,
  template: string,
  variables: TemplateVariables,
  asRoot = false,
  timeoutMs = asRoot ? ROOT_TIME_LIMIT_MS : TIME_LIMIT_MS,
): Promise<{ output: string; nonce: string }> {
  const nonce = randomBytes(12).toString('hex');
  const { script } = renderTemplate(deps.templatesDir, template, { nonce, ...variables });
  const { stdout } = await deps.pool.exec(machineId, {
    script,
    asRoot,
    timeoutMs,
    maxBytes: OUTPUT_LIMIT_BYTES,
    signal,
    reason: 'probe',
  });
  return { output: Buffer.from(stdout).toString('utf8'), nonce };
}
