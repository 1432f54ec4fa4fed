import {
  hostnameText,
  portNumber,
  usernameText,
  type MachineDetail,
  type MachineInput,
} from '../../../shared/contract/models.ts';

/** A machine as it is typed. */
export interface MachineDraft {
  name: string;
  hostname: string;
  port: string;
  username: string;
  /** Empty = no jump host. */
  jumpMachineId: string;
  allowLegacyAlgorithms: boolean;
  tagIds: string[];
}
export type MachineProblem = 'required' | 'host' | 'port' | 'user';
export type MachineProblems = Partial<Record<'name' | 'hostname' | 'port' | 'username', string>>;

export const emptyDraft = (): MachineDraft => ({
  name: '',
  hostname: '',
  port: '22',
  username: '',
  jumpMachineId: '',
  allowLegacyAlgorithms: false,
  tagIds: [],
});

export function draftOf(machine: MachineDetail): MachineDraft {
  return {
    name: machine.name,
    hostname: machine.hostname,
    port: String(machine.port),
    username: machine.username,
    jumpMachineId: machine.jumpMachineId ?? '',
    allowLegacyAlgorithms: machine.allowLegacyAlgorithms,
    tagIds: machine.tags.map((tag) => tag.id),
  };
}

/** What is wrong with the draft, field by field; nothing when it can be sent. */
export function draftProblems(
  draft: MachineDraft,
): Partial<Record<'hostname' | 'port' | 'username', MachineProblem>> {
  const problems: Partial<Record<'hostname' | 'port' | 'username', MachineProblem>> = {};
  if (draft.hostname.trim() === '') problems.hostname = 'required';
  else if (!hostnameText.safeParse(draft.hostname).success) problems.hostname = 'host';
  if (!/^\d+$/.test(draft.port.trim()) || !portNumber.safeParse(Number(draft.port)).success)
    problems.port = 'port';
  if (draft.username.trim() === '') problems.username = 'required';
  else if (!usernameText.safeParse(draft.username).success) problems.username = 'user';
  return problems;
}

/** The draft as the contract takes it; call it when `draftProblems` found nothing. */
export function machineInputOf(draft: MachineDraft): MachineInput {
  const hostname = draft.hostname.trim();
  return {
    name: draft.name.trim() === '' ? hostname : draft.name.trim(),
    hostname,
    port: Number(draft.port),
    username: draft.username.trim(),
    jumpMachineId: draft.jumpMachineId === '' ? null : draft.jumpMachineId,
    allowLegacyAlgorithms: draft.allowLegacyAlgorithms,
    tagIds: [...draft.tagIds],
  };
}
