import { AppError } from '../../shared/domain/errors.ts';
import type { AuthMethod, CredentialStatus, SudoMode } from '../../shared/domain/unions.ts';
import { isoNow, type Now } from '../db/clock.ts';
import type { Database } from '../db/open.ts';
import type { SecretField } from '../ssh/types.ts';
import type { SealedSecret, Vault } from '../vault/types.ts';
import * as store from './store.ts';

export const secretFields = [
  'password',
  'sudoPassword',
  'privateKey',
  'keyPassphrase',
] as const satisfies readonly SecretField[];

/** Where each secret lies: the column as the row names it, and as the database does (part of what is authenticated). */
const columns = {
  password: { key: 'encPassword', name: 'enc_password' },
  sudoPassword: { key: 'encSudoPassword', name: 'enc_sudo_password' },
  privateKey: { key: 'encPrivateKey', name: 'enc_private_key' },
  keyPassphrase: { key: 'encKeyPassphrase', name: 'enc_key_passphrase' },
} as const satisfies Record<SecretField, { key: keyof store.CredentialsRow; name: string }>;

/** For each secret: undefined keeps what is stored, null or an empty text removes it. */
export type CredentialsInput = {
  readonly authMethod: AuthMethod;
  readonly sudoMode: SudoMode;
} & { readonly [F in SecretField]?: string | null | undefined };

/** What may be shown: which secrets there are, never one of them. */
export interface CredentialsSummary {
  readonly authMethod: AuthMethod;
  readonly sudoMode: SudoMode;
  readonly isSet: Readonly<Record<SecretField, boolean>>;
  readonly status: CredentialStatus;
  readonly lastTestAt: string | null;
  readonly updatedAt: string;
}

export interface Credentials {
  /**
   * Stores how to log in to a machine. The vault must be open when a secret is given; changing only the methods or
   * removing secrets needs no key.
   * @throws AppError not_found, vault_locked, vault_not_set_up
   */
  readonly setCredentials: (machineId: string, input: CredentialsInput) => void;
  /**
   * One secret for one use, or null when it is not set. The audit event is written with the decryption.
   * @throws AppError vault_locked, vault_not_set_up, secret_unreadable
   */
  readonly secret: (machineId: string, field: SecretField, reason: string) => Promise<string | null>;
  /** Null when nothing was ever stored for the machine. */
  readonly summary: (machineId: string) => CredentialsSummary | null;
  /** Remembers whether these credentials worked. @throws AppError not_found */
  readonly recordTest: (machineId: string, ok: boolean) => void;
  /**
   * Every secret of a machine, for its redactor; one audit event for the lot.
   * @throws AppError vault_locked, vault_not_set_up, secret_unreadable; nothing of it when no secret is set
   */
  readonly currentSecrets: (machineId: string, reason?: string) => string[];
}

export function createCredentials(options: {
  readonly database: Database;
  readonly vault: Vault;
  readonly now?: Now;
}): Credentials {
  const { database, vault } = options;
  const now = options.now ?? (() => new Date());

  function sealed(row: store.CredentialsRow, field: SecretField): SealedSecret | null {
    const ciphertext = row[columns[field].key];
    return ciphertext === null ? null : { place: placeOf(row.machineId, field), ciphertext };
  }

  return {
    setCredentials(machineId, input) {
      database.tx(() => {
        if (!store.machineExists(database, machineId))
          throw new AppError('not_found', `There is no machine ${machineId}`, { machineId });
        const at = isoNow(now);
        const old = store.findCredentials(database, machineId);
        const encrypted = (field: SecretField) => {
          const given = input[field];
          if (given === undefined) return old?.[columns[field].key] ?? null;
          return given === null || given === '' ? null : vault.encrypt(placeOf(machineId, field), given);
        };
        store.saveCredentials(database, {
          machineId,
          authMethod: input.authMethod,
          sudoMode: input.sudoMode,
          encPassword: encrypted('password'),
          encSudoPassword: encrypted('sudoPassword'),
          encPrivateKey: encrypted('privateKey'),
          encKeyPassphrase: encrypted('keyPassphrase'),
          createdAt: old?.createdAt ?? at,
          updatedAt: at,
          // What worked or failed before says nothing about these.
          lastTestAt: null,
          status: 'unknown',
        });
        const payload = {
          authMethod: input.authMethod,
          sudoMode: input.sudoMode,
          set: secretFields.filter((field) => input[field]),
          removed: secretFields.filter((field) => input[field] === null || input[field] === ''),
        };
        store.recordChange(database, machineId, payload, at);
      });
    },

    async secret(machineId, field, reason) {
      const row = store.findCredentials(database, machineId);
      const one = row && sealed(row, field);
      if (!one) return null;
      return vault.decrypt(one.place, one.ciphertext, { machineId, reason, fields: [field] });
    },

    summary(machineId) {
      const row = store.findCredentials(database, machineId);
      if (!row) return null;
      return {
        authMethod: row.authMethod,
        sudoMode: row.sudoMode,
        isSet: {
          password: row.encPassword !== null,
          sudoPassword: row.encSudoPassword !== null,
          privateKey: row.encPrivateKey !== null,
          keyPassphrase: row.encKeyPassphrase !== null,
        },
        status: row.status ?? 'unknown',
        lastTestAt: row.lastTestAt,
        updatedAt: row.updatedAt,
      };
    },

    recordTest(machineId, ok) {
      if (store.saveTest(database, machineId, ok, isoNow(now))) return;
      throw new AppError('not_found', `Machine ${machineId} has no credentials`, { machineId });
    },

    currentSecrets(machineId, reason = 'redaction') {
      const row = store.findCredentials(database, machineId);
      if (!row) return [];
      const fields = secretFields.filter((field) => sealed(row, field) !== null);
      if (fields.length === 0) return [];
      const secrets = fields.flatMap((field) => sealed(row, field) ?? []);
      return vault.decryptAll(secrets, { machineId, reason, fields });
    },
  };
}

function placeOf(machineId: string, field: SecretField): SealedSecret['place'] {
  return { table: 'machine_credentials', rowId: machineId, column: columns[field].name };
}
