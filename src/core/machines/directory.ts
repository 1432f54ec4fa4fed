import type { CoreContext } from '../context.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { approvedKeyTypes, checkHostKey } from '../hostkeys/index.ts';
import type { SshDirectory, SshTarget } from '../ssh/types.ts';
import { machineById } from './store.ts';

/** Answers the SSH pool's questions from the machines, credentials and host keys of the database. */
export function createDirectory(context: CoreContext, credentials: Credentials): SshDirectory {
  const addressOf = ({ machineId, hostname, port }: SshTarget) => ({ machineId, hostname, port });
  return {
    target(machineId) {
      const machine = machineById(context, machineId);
      const summary = credentials.summary(machineId);
      return {
        machineId,
        name: machine.name,
        hostname: machine.hostname,
        port: machine.port,
        username: machine.username,
        authMethod: summary?.authMethod ?? 'agent',
        sudoMode: summary?.sudoMode ?? 'none',
        jumpMachineId: machine.jumpMachineId,
        allowLegacyAlgorithms: machine.allowLegacyAlgorithms,
      };
    },
    secret: (machineId, field, reason) => credentials.secret(machineId, field, reason),
    checkHostKey: (target, key) => checkHostKey(context, addressOf(target), key),
    approvedKeyTypes: (target) => approvedKeyTypes(context, addressOf(target)),
  };
}
