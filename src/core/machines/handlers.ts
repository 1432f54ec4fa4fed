import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { z } from 'zod';
import type { credentialsInput } from '../../shared/contract/models.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import type { Credentials, CredentialsInput } from '../credentials/credentials.ts';
import { recordEvent } from '../events/index.ts';
import { fleetRows, markFailed, patchState } from '../fleet/index.ts';
import { hostKeysOf } from '../hostkeys/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { findCandidates } from './import.ts';
import * as store from './store.ts';

type Names =
  | 'machines.get'
  | 'machines.add'
  | 'machines.update'
  | 'machines.remove'
  | 'machines.restore'
  | 'machines.importCandidates'
  | 'machines.import'
  | 'machines.diagnose'
  | 'tags.list'
  | 'tags.create';

/** A private key file is small; anything larger is not one. */
const KEY_FILE_MAX_BYTES = 65_536;

/** The change to store, with a key file read where a path was given instead of a pasted key. */
async function readCredentials(input: z.output<typeof credentialsInput>): Promise<CredentialsInput> {
  const { privateKeyPath, ...change } = input;
  if (!privateKeyPath) return change;
  const path = privateKeyPath.startsWith('~/')
    ? resolve(homedir(), privateKeyPath.slice(2))
    : resolve(privateKeyPath);
  try {
    const { size } = await stat(path);
    if (size > KEY_FILE_MAX_BYTES) throw new Error('larger than a private key can be');
    return { ...change, privateKey: await readFile(path, 'utf8') };
  } catch (error) {
    throw new AppError('ssh_key_unreadable', 'The private key file cannot be read', {
      path: privateKeyPath,
      detail: error instanceof Error && 'code' in error ? String(error.code) : String(error),
    });
  }
}

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
): Pick<HomeportHandlers, Names> {
  const { database, bus } = context;
  const changed = (...machineIds: string[]) => bus.publish('fleet.changed', { machineIds });

  /** Refuses a jump host that leads back to the machine itself. */
  function checkJump(machineId: string | null, jumpMachineId: string | null): void {
    const path: string[] = [];
    for (let next = jumpMachineId; next !== null;) {
      if (next === machineId || path.includes(next)) {
        throw new AppError('invalid_input', 'The jump hosts lead in a circle', { path });
      }
      path.push(next);
      next = store.machineById(context, next).jumpMachineId;
    }
  }

  function checkProxy(machine: Pick<store.MachineFields, 'aptProxyMode' | 'aptProxyUrl'>): void {
    if (machine.aptProxyMode === 'direct' || machine.aptProxyUrl !== null) return;
    throw new AppError('invalid_input', 'This proxy mode needs the address of the proxy', {
      field: 'aptProxyUrl',
    });
  }

  async function add(
    fields: store.MachineFields,
    tagIds: readonly string[],
    change: CredentialsInput,
  ): Promise<string> {
    const taken = store.findByAddress(context, fields);
    if (taken) {
      throw new AppError('conflict', 'The fleet already has this machine', {
        machineId: taken.id,
        name: taken.name,
      });
    }
    checkJump(null, fields.jumpMachineId);
    checkProxy(fields);
    const id = database.tx(() => {
      const machineId = store.insertMachine(context, fields);
      store.setTags(context, machineId, tagIds);
      patchState(context, machineId, { status: 'unknown' });
      credentials.setCredentials(machineId, change);
      recordEvent(context, {
        machineId,
        eventType: 'machine.added',
        severity: 'info',
        actorType: 'user',
        message: `${fields.name} was added.`,
        data: { name: fields.name },
      });
      return machineId;
    });
    changed(id);
    return id;
  }

  return {
    'machines.get': ({ id }) => {
      const machine = store.machineById(context, id);
      const [row] = fleetRows(context, [id]);
      if (!row) throw new AppError('not_found', 'No such machine', { machineId: id });
      return {
        ...row,
        jumpMachineId: machine.jumpMachineId,
        allowLegacyAlgorithms: machine.allowLegacyAlgorithms,
        aptProxyMode: machine.aptProxyMode,
        aptProxyUrl: machine.aptProxyUrl,
        credentials: credentialSummary(credentials, id),
        hostKeys: hostKeysOf(context, id),
      };
    },
    'machines.add': async ({ credentials: input, tagIds, ...fields }) => ({
      id: await add(fields, tagIds, await readCredentials(input)),
    }),
    'machines.update': async ({ id, credentials: input, tagIds, ...patch }) => {
      const machine = store.machineById(context, id);
      const { aptProxyMode = machine.aptProxyMode, aptProxyUrl = machine.aptProxyUrl } = patch;
      checkProxy({ aptProxyMode, aptProxyUrl });
      if (patch.jumpMachineId !== undefined) checkJump(id, patch.jumpMachineId);
      const change = input ? await readCredentials(input) : null;
      database.tx(() => {
        const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
        store.updateMachine(context, id, given);
        if (tagIds !== undefined) store.setTags(context, id, tagIds);
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
    'machines.remove': ({ id }) => {
      const machine = store.machineById(context, id);
      queue.cancelQueued(id);
      database.tx(() => {
        store.updateMachine(context, id, { deletedAt: isoNow(context) });
        recordEvent(context, {
          machineId: id,
          eventType: 'machine.removed',
          severity: 'info',
          actorType: 'user',
          message: `${machine.name} was removed.`,
          data: { name: machine.name },
        });
      });
      pool.drop(id);
      changed(id);
      return {};
    },
    'machines.restore': ({ id }) => {
      const machine = store.machineById(context, id, true);
      const taken = store.findByAddress(context, machine);
      if (taken && taken.id !== id) {
        throw new AppError('conflict', 'The fleet already has this machine', {
          machineId: taken.id,
          name: taken.name,
        });
      }
      database.tx(() => {
        store.updateMachine(context, id, { deletedAt: null });
        recordEvent(context, {
          machineId: id,
          eventType: 'machine.restored',
          severity: 'info',
          actorType: 'user',
          message: `${machine.name} is back.`,
          data: { name: machine.name },
        });
      });
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
          (await add(
            fields,
            [],
            await readCredentials(useFile ? { ...input, privateKeyPath: candidate.identityFile } : input),
          ));
        added.set(alias, id);
        if (!known) ids.push(id);
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
    'machines.diagnose': async ({ id }, { signal }) => {
      store.machineById(context, id);
      const steps = [...(await pool.diagnose(id, { signal }))];
      const failed = steps.find((s) => s.status === 'failed');
      database.tx(() => {
        credentials.recordTest(id, !failed);
        if (failed?.errorKind) markFailed(context, id, new AppError(failed.errorKind, failed.detail));
      });
      changed(id);
      return { steps };
    },
    'tags.list': () => ({ tags: store.allTags(context) }),
    'tags.create': ({ name, color }) => store.insertTag(context, name, color),
  };
}
