import { given } from '../../shared/domain/given.ts';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { recordEvent } from '../events/index.ts';
import { fleetRows } from '../fleet/index.ts';
import { hostKeysOf } from '../hostkeys/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { addMachine, checkJump, checkProxy, nothingSaid, readCredentials, refuseTaken } from './changes.ts';
import { connectionTestHandlers } from './connection-test.ts';
import { duplicateHandlers } from './duplicate.ts';
import { findCandidates } from './import.ts';
import { removalHandlers } from './removal.ts';
import * as store from './store.ts';
import { tagHandlers } from './tags.ts';
import { transferHandlers } from './transfer/handlers.ts';

type Names = Extract<keyof HomeportHandlers, `machines.${string}` | `tags.${string}`>;

function credentialSummary(credentials: Credentials, machineId: string) {
  const summary = credentials.summary(machineId);
  if (!summary) return null;
  const { isSet, authMethod, sudoMode, status, lastTestAt } = summary;
  return {
    authMethod,
    sudoMode,
    status,
    lastTestAt,
    hasPassword: isSet.password,
    hasSudoPassword: isSet.sudoPassword,
    hasPrivateKey: isSet.privateKey,
    hasKeyPassphrase: isSet.keyPassphrase,
  };
}

export function machineHandlers(
  context: CoreContext,
  credentials: Credentials,
  pool: SshPool,
  queue: { cancelQueued(machineId: string): void },
  requests: { leaveMachine(machineId: string): void },
): Pick<HomeportHandlers, Names> {
  const { database, bus } = context;
  const changed = (...machineIds: string[]) => bus.publish('fleet.changed', { machineIds });

  return {
    'machines.get': ({ id }) => {
      const machine = store.machineById(context, id);
      const [row] = fleetRows(context, [id]);
      if (!row) throw new AppError('not_found', 'No such machine', { machineId: id });
      return {
        ...row,
        ...store.descriptionOf(context, id),
        jumpMachineId: machine.jumpMachineId,
        jumpFor: store.jumpUsers(context, id),
        allowLegacyAlgorithms: machine.allowLegacyAlgorithms,
        aptProxyMode: machine.aptProxyMode,
        aptProxyUrl: machine.aptProxyUrl,
        credentials: credentialSummary(credentials, id),
        hostKeys: hostKeysOf(context, id),
      };
    },
    'machines.add': async ({ credentials: input, tagIds, group, notes, chosenKind, ...fields }) => {
      const change = await readCredentials(input);
      const description = { group, notes, chosenKind };
      const id = addMachine(context, credentials, { fields, tagIds, description }, change);
      changed(id);
      return { id };
    },
    'machines.update': async ({ id, credentials: input, tagIds, group, notes, chosenKind, ...patch }) => {
      const machine = store.machineById(context, id);
      const { hostname = machine.hostname, port = machine.port, username = machine.username } = patch;
      refuseTaken(context, { hostname, port, username }, id);
      const { aptProxyMode = machine.aptProxyMode, aptProxyUrl = machine.aptProxyUrl } = patch;
      checkProxy({ aptProxyMode, aptProxyUrl });
      if (patch.jumpMachineId !== undefined) checkJump(context, id, patch.jumpMachineId);
      const change = input ? await readCredentials(input) : null;
      database.tx(() => {
        store.updateMachine(context, id, given(patch));
        if (tagIds !== undefined) store.setTags(context, id, tagIds);
        if (group !== undefined || notes !== undefined || chosenKind !== undefined) {
          const said = store.descriptionOf(context, id);
          store.describe(context, id, {
            group: group === undefined ? said.group : group,
            notes: notes === undefined ? said.notes : notes,
            chosenKind: chosenKind === undefined ? said.chosenKind : chosenKind,
          });
        }
        if (change) credentials.setCredentials(id, change);
        recordEvent(context, {
          machineId: id,
          eventType: change ? 'machine.credentials_changed' : 'machine.changed',
          severity: 'info',
          actorType: 'user',
          message: change ? 'The credentials were changed.' : 'The machine was changed.',
        });
      });
      pool.drop(id);
      changed(id);
      return {};
    },
    'machines.importCandidates': () => findCandidates(store.addresses(context)),
    'machines.import': async ({ aliases, defaultUsername, credentials: input }) => {
      const { candidates } = findCandidates(store.addresses(context));
      const ids: string[] = [];
      const skipped: { alias: string; kind: AppError['code']; message: string }[] = [];
      const added = new Map<string, string>();
      /** `via` is the hop just before this one where a ProxyJump list names several. */
      const addAlias = async (
        alias: string,
        trail: readonly string[],
        via: string | null,
      ): Promise<string> => {
        const done = added.get(alias);
        if (done) return done;
        const candidate = candidates.find((c) => c.alias === alias);
        if (!candidate) throw new AppError('not_found', 'No such candidate', { alias });
        if (trail.includes(alias)) {
          throw new AppError('invalid_input', 'The jump hosts lead in a circle', { alias });
        }
        let jumpMachineId = via;
        for (const hop of candidate.proxyJump)
          jumpMachineId = await addAlias(hop, [...trail, alias], jumpMachineId);
        const fields = {
          name: candidate.alias,
          hostname: candidate.hostname,
          port: candidate.port,
          username: candidate.username ?? defaultUsername,
          jumpMachineId,
          allowLegacyAlgorithms: false,
          aptProxyMode: 'direct' as const,
          aptProxyUrl: null,
        };
        const known = store.findByAddress(context, fields);
        const pasted = input.privateKey ?? input.privateKeyPath;
        const useFile = candidate.identityFile !== null && input.authMethod === 'ssh_key' && !pasted;
        const id =
          known?.id ??
          addMachine(
            context,
            credentials,
            { fields, tagIds: [], description: nothingSaid, origin: { from: candidate.source } },
            await readCredentials(useFile ? { ...input, privateKeyPath: candidate.identityFile } : input),
          );
        added.set(alias, id);
        if (!known) {
          ids.push(id);
          changed(id);
        }
        return id;
      };
      for (const alias of aliases) {
        try {
          await addAlias(alias, [], null);
        } catch (error) {
          const { code, message } = toAppError(error);
          skipped.push({ alias, kind: code, message });
        }
      }
      return { ids, skipped };
    },
    ...connectionTestHandlers(context, credentials, pool),
    ...duplicateHandlers(context, credentials),
    ...removalHandlers(context, pool, queue, requests),
    ...transferHandlers(context, credentials),
    ...tagHandlers(context),
  };
}
