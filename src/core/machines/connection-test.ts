import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { ConnectionTest } from '../../shared/contract/machines.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import type { Credentials, CredentialsInput } from '../credentials/credentials.ts';
import { markFailed, markSeen, noError, patchState } from '../fleet/index.ts';
import { approvedKeyTypes, judgeHostKey } from '../hostkeys/index.ts';
import type { DiagnosisProgress, DiagnosisStep, SshDirectory, SshPool, SshTarget } from '../ssh/types.ts';
import { readCredentials } from './changes.ts';
import * as store from './store.ts';

type Names = 'machines.diagnose' | 'machines.test';
type TestInput = Parameters<HomeportHandlers['machines.test']>[0];

/** Stands for a machine that has no id yet. */
const noId = '00000000-0000-0000-0000-000000000000';

export function connectionTestHandlers(
  context: CoreContext,
  credentials: Credentials,
  pool: Pick<SshPool, 'diagnose' | 'diagnoseDraft'>,
): Pick<HomeportHandlers, Names> {
  const { database, bus } = context;

  /** What the test of a stored machine says belongs to its tile. */
  function remember(id: string, steps: readonly DiagnosisStep[]): void {
    const failed = steps.find((step) => step.status === 'failed');
    database.tx(() => {
      if (credentials.summary(id)) credentials.recordTest(id, !failed);
      if (failed?.errorKind) {
        markFailed(context, id, new AppError(failed.errorKind, failed.detail, failed.errorData));
      } else if (!failed) {
        markSeen(context, id);
        // An error of the connection is refuted; one of packages is not.
        const { lastErrorKind: was } = store.lastErrorOf(context, id);
        if (was !== null && /^(ssh|sudo)_/.test(was)) patchState(context, id, noError);
      }
    });
    bus.publish('fleet.changed', { machineIds: [id] });
  }

  async function run(
    input: TestInput,
    report: DiagnosisProgress,
    signal: AbortSignal,
  ): Promise<readonly DiagnosisStep[]> {
    const { id, draft } = input;
    if (draft === undefined) {
      if (id === undefined) throw new AppError('invalid_input', 'Neither a machine nor a draft');
      store.machineById(context, id);
      const steps = await pool.diagnose(id, { signal, report });
      remember(id, steps);
      return steps;
    }
    if (id !== undefined) store.machineById(context, id);
    const given = input.credentials ? await readCredentials(input.credentials) : null;
    const target = draftTarget(draft, id, given, id === undefined ? null : credentials.summary(id));
    return pool.diagnoseDraft(target, doorsOf(target, given, input.acceptedFingerprint), { signal, report });
  }

  /** How the SSH layer reaches what is only typed: the draft's secrets first, then the stored ones; nothing is recorded. */
  function doorsOf(
    target: SshTarget,
    given: CredentialsInput | null,
    acceptedFingerprint: string | undefined,
  ): Pick<SshDirectory, 'secret' | 'checkHostKey' | 'approvedKeyTypes'> {
    return {
      async secret(machineId, field, reason) {
        const typed = machineId === target.machineId ? given?.[field] : undefined;
        if (typed !== undefined) return typed === '' ? null : typed;
        return machineId === noId ? null : credentials.secret(machineId, field, reason);
      },
      checkHostKey(of, key) {
        const verdict = judgeHostKey(context, of, key);
        // A changed key stays blocked: approving it is a decision of its own, with both keys side by side.
        return verdict === 'unknown' && key.fingerprintSha256 === acceptedFingerprint ? 'approved' : verdict;
      },
      approvedKeyTypes: (of) => approvedKeyTypes(context, of),
    };
  }

  return {
    'machines.diagnose': async ({ id }, { signal }) => {
      store.machineById(context, id);
      const steps = await pool.diagnose(id, { signal });
      remember(id, steps);
      return { steps: [...steps] };
    },
    'machines.test': async function* (input, { signal }) {
      let now: ConnectionTest = { steps: [], running: null, hostKey: null, done: false };
      let wake: () => void = () => undefined;
      let news = true;
      const put = (change: Partial<ConnectionTest>) => {
        now = { ...now, ...change };
        news = true;
        wake();
      };
      const report: DiagnosisProgress = {
        begin: (step) => put({ running: step }),
        step: (step) => put({ steps: [...now.steps, step] }),
        hostKey: (key, status) =>
          put({
            hostKey: {
              keyType: key.type,
              fingerprintSha256: key.fingerprintSha256,
              status: key.fingerprintSha256 === input.acceptedFingerprint ? 'accepted' : status,
            },
          }),
      };
      let failure: Error | null = null;
      const running = run(input, report, signal).then(
        (steps) => put({ steps: [...steps], running: null, done: true }),
        (error: unknown) => {
          failure = toAppError(error);
          wake();
        },
      );
      const failed = () => failure;
      while (!now.done && failed() === null) {
        if (news) {
          news = false;
          yield now;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (news || failed() !== null) resolve();
          });
        }
      }
      await running;
      const error = failed();
      if (error !== null) throw error;
      yield now;
    },
  };
}

function draftTarget(
  draft: NonNullable<TestInput['draft']>,
  id: string | undefined,
  given: CredentialsInput | null,
  stored: ReturnType<Credentials['summary']>,
): SshTarget {
  return {
    machineId: id ?? noId,
    name: draft.name,
    hostname: draft.hostname,
    port: draft.port,
    username: draft.username,
    authMethod: given?.authMethod ?? stored?.authMethod ?? 'agent',
    sudoMode: given?.sudoMode ?? stored?.sudoMode ?? 'none',
    jumpMachineId: draft.jumpMachineId,
    allowLegacyAlgorithms: draft.allowLegacyAlgorithms,
  };
}
