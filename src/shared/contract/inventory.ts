import { z } from 'zod';
import { call, type ContractShape } from './define.ts';
import { byId, byMachine, everywhere, none, people, windows } from './inputs.ts';
import * as m from './models.ts';

export const inventoryProcedures = {
  'machines.get': call({
    summary: 'One machine with its host keys and which credentials it has',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: m.machineDetail,
  }),
  'machines.add': call({
    summary: 'Add a machine; nothing is sent to it',
    risk: 'change',
    surfaces: windows,
    input: m.machineInput.extend({ credentials: m.credentialsInput }),
    output: z.object({ id: m.id }),
  }),
  'machines.update': call({
    summary: 'Change name, address, user, jump host, package proxy or tags of a machine',
    risk: 'change',
    surfaces: windows,
    input: m.machinePatch.extend({ id: m.id, credentials: m.credentialsInput.optional() }),
    output: z.object({}),
  }),
  'machines.remove': call({
    summary: 'Remove a machine from the fleet; can be undone',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({}),
  }),
  'machines.restore': call({
    summary: 'Undo the removal of a machine',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({}),
  }),
  'machines.importCandidates': call({
    summary: "Machines found in this computer's SSH configuration, and this computer itself",
    risk: 'read',
    surfaces: windows,
    input: none,
    output: z.object({
      candidates: z.array(m.importCandidate),
      /** What could not be read and why; an absent file is not a problem. */
      notes: z.array(z.string()),
    }),
  }),
  'machines.import': call({
    summary: 'Add the chosen candidates',
    risk: 'change',
    surfaces: windows,
    input: z.object({
      aliases: z.array(z.string().max(253)).min(1).max(500),
      defaultUsername: m.usernameText,
      credentials: m.credentialsInput,
    }),
    output: z.object({
      ids: z.array(m.id),
      skipped: z.array(z.object({ alias: z.string(), kind: m.errorKind, message: z.string() })),
    }),
  }),
  'machines.diagnose': call({
    summary: 'Test the connection step by step: resolve, connect, host key, authenticate, shell, sudo',
    risk: 'read',
    surfaces: people,
    input: byId,
    output: z.object({ steps: z.array(m.diagnosisStep) }),
  }),
  'hostKeys.scan': call({
    summary: 'Fetch the key that a host presents, without logging in',
    risk: 'read',
    surfaces: windows,
    input: byMachine,
    output: m.hostKey,
  }),
  'hostKeys.decide': call({
    summary: 'Approve or reject a host key; approving a changed key retires the old one',
    risk: 'change',
    surfaces: windows,
    input: z.object({ id: m.id, fingerprintSha256: z.string(), decision: z.enum(['approve', 'reject']) }),
    output: z.object({}),
  }),
} satisfies ContractShape;
