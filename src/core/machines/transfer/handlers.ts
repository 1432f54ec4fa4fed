import type { HomeportHandlers } from '../../../shared/contract/index.ts';
import type { ImportMachine } from '../../../shared/contract/machines.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import type { CoreContext } from '../../context.ts';
import type { Credentials, CredentialsInput } from '../../credentials/credentials.ts';
import { recordEvent } from '../../events/index.ts';
import { approveShownKey } from '../../hostkeys/index.ts';
import { readKey } from '../../ssh/known-hosts.ts';
import { addMachine, readCredentials } from '../changes.ts';
import * as store from '../store.ts';
import { tagIdsFor } from '../tags.ts';
import { exportFileNames, exportMediaTypes, exportText, isWritten } from './export.ts';
import { exportMachines } from './export-rows.ts';
import { createJumpFinder } from './jumps.ts';
import { previewImport } from './preview.ts';

type Names = 'machines.importPreview' | 'machines.importRows' | 'machines.export';
type RowsInput = Parameters<HomeportHandlers['machines.importRows']>[0];

export function transferHandlers(
  context: CoreContext,
  credentials: Credentials,
): Pick<HomeportHandlers, Names> {
  const { database, bus } = context;

  /** How each machine logs in. Key files are read before the transaction: one that cannot be read stores nothing. */
  async function loginsOf({
    machines,
    credentials: shared,
  }: RowsInput): Promise<Map<ImportMachine, CredentialsInput>> {
    const logins = new Map<ImportMachine, CredentialsInput>();
    const common = shared ? await readCredentialsOf(shared) : null;
    for (const machine of machines) {
      const usesFile =
        shared?.authMethod === 'ssh_key' &&
        machine.identityFile !== null &&
        !shared.privateKey &&
        !shared.privateKeyPath;
      logins.set(
        machine,
        usesFile
          ? await readCredentials({ ...shared, privateKeyPath: machine.identityFile })
          : (common ?? { authMethod: machine.authMethod ?? 'agent', sudoMode: machine.sudoMode ?? 'none' }),
      );
    }
    return logins;
  }
  const readCredentialsOf = (shared: NonNullable<RowsInput['credentials']>) => readCredentials(shared);

  return {
    'machines.importPreview': ({ contentBase64, ...options }) =>
      previewImport(Buffer.from(contentBase64, 'base64'), options, store.addresses(context)),

    'machines.importRows': async (input) => {
      const logins = await loginsOf(input);
      const { machines, defaultUsername, source, approveHostKeys } = input;
      const ids = database.tx(() => {
        const find = createJumpFinder(machines, store.addresses(context));
        const stored = new Map<ImportMachine, string>();
        /** Jump hosts first: a machine is stored with the id of its own. */
        const add = (machine: ImportMachine, trail: readonly ImportMachine[]): string => {
          const done = stored.get(machine);
          if (done !== undefined) return done;
          if (trail.includes(machine)) {
            throw new AppError('invalid_input', 'The jump hosts lead in a circle', { name: machine.name });
          }
          const jump = machine.jumpHost === null ? null : find(machine.jumpHost);
          if (machine.jumpHost !== null && jump === null) {
            throw new AppError('invalid_input', 'A jump host is neither in the file nor in the fleet', {
              name: machine.name,
              jumpHost: machine.jumpHost,
            });
          }
          const jumpMachineId =
            jump === null
              ? null
              : jump.in === 'fleet'
                ? jump.machine.id
                : add(jump.machine, [...trail, machine]);
          const { hostname, port } = machine;
          const id = addMachine(
            context,
            credentials,
            {
              fields: {
                name: machine.name,
                hostname,
                port,
                username: machine.username ?? defaultUsername,
                jumpMachineId,
                allowLegacyAlgorithms: machine.allowLegacyAlgorithms,
                aptProxyMode: machine.aptProxyMode,
                aptProxyUrl: machine.aptProxyUrl,
              },
              tagIds: tagIdsFor(context, machine.tags),
              description: { group: machine.group, notes: machine.notes, chosenKind: machine.kind },
              origin: { from: source },
            },
            logins.get(machine) ?? { authMethod: 'agent', sudoMode: 'none' },
          );
          if (approveHostKeys) {
            for (const { keyType, publicKey } of machine.hostKeys) {
              // The fingerprint is computed from the key that is stored: what is approved is what was shown.
              const key = readKey(keyType, publicKey);
              if (key)
                approveShownKey(
                  context,
                  { machineId: id, hostname, port },
                  { type: keyType, publicKey, ...key },
                );
            }
          }
          stored.set(machine, id);
          return id;
        };
        for (const machine of machines) add(machine, []);
        recordEvent(context, {
          machineId: null,
          eventType: 'machines.imported',
          severity: 'info',
          actorType: 'user',
          message: `${String(stored.size)} machines were imported.`,
          data: { count: stored.size, from: source },
        });
        return [...stored.values()];
      });
      bus.publish('fleet.changed', { machineIds: ids });
      return { ids };
    },

    'machines.export': ({ format, ids }) => {
      const all = exportMachines(context);
      const wanted = ids && new Set(ids);
      const chosen = all.filter((one) => (!wanted || wanted.has(one.id)) && isWritten(format, one));
      return {
        fileName: exportFileNames[format],
        mediaType: exportMediaTypes[format],
        text: exportText(format, chosen, all, context.now()),
        count: chosen.length,
      };
    },
  };
}
