import { eq } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { secretFields, type Credentials, type CredentialsInput } from '../credentials/credentials.ts';
import { machineTags } from '../db/schema/index.ts';
import { recordEvent } from '../events/index.ts';
import { addMachine, refuseTaken } from './changes.ts';
import * as store from './store.ts';

/** Copies a machine. What the host said of itself, its history and its host keys stay with the first one. */
export function duplicateHandlers(
  context: CoreContext,
  credentials: Credentials,
): Pick<HomeportHandlers, 'machines.duplicate'> {
  const { database, bus } = context;

  /** Each secret is decrypted for this copy, which the audit trail tells, and encrypted for its new place. */
  async function copied(fromId: string, toName: string): Promise<CredentialsInput> {
    const summary = credentials.summary(fromId);
    if (!summary) return { authMethod: 'agent', sudoMode: 'none' };
    const secrets: Partial<Record<(typeof secretFields)[number], string>> = {};
    for (const field of secretFields) {
      if (!summary.isSet[field]) continue;
      const secret = await credentials.secret(fromId, field, `Copied to ${toName}`);
      if (secret !== null) secrets[field] = secret;
    }
    return { authMethod: summary.authMethod, sudoMode: summary.sudoMode, ...secrets };
  }

  return {
    'machines.duplicate': async ({ id, name, hostname, port, username, withCredentials }) => {
      const from = store.machineById(context, id);
      // Before anything is decrypted.
      refuseTaken(context, { hostname, port, username }, null);
      const summary = credentials.summary(id);
      const change: CredentialsInput = withCredentials
        ? await copied(id, name)
        : { authMethod: summary?.authMethod ?? 'agent', sudoMode: summary?.sudoMode ?? 'none' };
      const tagIds = database.db
        .select({ tagId: machineTags.tagId })
        .from(machineTags)
        .where(eq(machineTags.machineId, id))
        .all()
        .map(({ tagId }) => tagId);
      const newId = database.tx(() => {
        const made = addMachine(
          context,
          credentials,
          {
            fields: {
              name,
              hostname,
              port,
              username,
              jumpMachineId: from.jumpMachineId,
              allowLegacyAlgorithms: from.allowLegacyAlgorithms,
              aptProxyMode: from.aptProxyMode,
              aptProxyUrl: from.aptProxyUrl,
            },
            tagIds,
            description: store.descriptionOf(context, id),
            origin: { from: 'duplicate', fromId: id },
          },
          change,
        );
        recordEvent(context, {
          machineId: id,
          eventType: 'machine.duplicated',
          severity: 'info',
          actorType: 'user',
          message: withCredentials
            ? `${from.name} was duplicated as ${name}, with its credentials.`
            : `${from.name} was duplicated as ${name}, without its credentials.`,
          data: { name: from.name, copyName: name, copyId: made, withCredentials },
        });
        return made;
      });
      bus.publish('fleet.changed', { machineIds: [newId] });
      return { id: newId };
    },
  };
}
