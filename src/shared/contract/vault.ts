import { z } from 'zod';
import { call, events, type ContractShape } from './define.ts';
import { people, windows, withTerminal, none } from './inputs.ts';
import * as m from './models.ts';

export const vaultProcedures = {
  'vault.status': call({
    summary: 'Whether secrets can be used',
    risk: 'read',
    surfaces: people,
    input: none,
    output: m.vaultStatus,
  }),
  'vault.watch': events({
    summary: 'Vault status now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: m.vaultStatus,
  }),
  'vault.setUp': call({
    summary: 'Create the vault with the system keyring or a passphrase',
    risk: 'change',
    surfaces: windows,
    input: z.discriminatedUnion('with', [
      z.object({ with: z.literal('system') }),
      z.object({ with: z.literal('passphrase'), passphrase: z.string().min(8).max(1024) }),
    ]),
    output: m.vaultStatus,
  }),
  'vault.unlock': call({
    summary: 'Unlock the vault',
    risk: 'change',
    surfaces: withTerminal,
    input: z.object({ passphrase: z.string().max(1024) }),
    output: m.vaultStatus,
  }),
  'vault.lock': call({
    summary: 'Lock the vault now',
    risk: 'change',
    surfaces: windows,
    input: none,
    output: m.vaultStatus,
  }),
  'vault.changePassphrase': call({
    summary: 'Change the passphrase; only the wrap of the data key changes',
    risk: 'change',
    surfaces: windows,
    input: z.object({ current: z.string().max(1024), next: z.string().min(8).max(1024) }),
    output: m.vaultStatus,
  }),
  'vault.setAutoLock': call({
    summary: 'Minutes without use after which the vault locks, or null for never',
    risk: 'change',
    surfaces: windows,
    input: z.object({ minutes: z.number().int().min(1).max(1440).nullable() }),
    output: m.vaultStatus,
  }),
} satisfies ContractShape;
