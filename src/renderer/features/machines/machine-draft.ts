import type { AptProxyMode, MachineKind } from '../../../shared/domain/unions.ts';
import {
  aptProxyUrlText,
  hostnameText,
  machinePatch,
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
  aptProxyMode: AptProxyMode;
  /** Kept while the mode is `direct`, so that a look at another mode loses nothing. */
  aptProxyUrl: string;
  tagIds: string[];
  group: string;
  notes: string;
  /** Empty = what the host says. */
  chosenKind: MachineKind | '';
}
export type MachineProblem = 'required' | 'host' | 'port' | 'user' | 'long';
/** Its own words: a proxy is asked for, or is not an address. */
export type ProxyProblem = 'proxyRequired' | 'proxyUrl';
type Field = 'name' | 'hostname' | 'port' | 'username' | 'aptProxyUrl' | 'group' | 'notes';
export type MachineProblems = Partial<Record<Field, string>>;

export const emptyDraft = (): MachineDraft => ({
  name: '',
  hostname: '',
  port: '22',
  username: '',
  jumpMachineId: '',
  allowLegacyAlgorithms: false,
  aptProxyMode: 'direct',
  aptProxyUrl: '',
  tagIds: [],
  group: '',
  notes: '',
  chosenKind: '',
});

export function draftOf(machine: MachineDetail): MachineDraft {
  return {
    name: machine.name,
    hostname: machine.hostname,
    port: String(machine.port),
    username: machine.username,
    jumpMachineId: machine.jumpMachineId ?? '',
    allowLegacyAlgorithms: machine.allowLegacyAlgorithms,
    aptProxyMode: machine.aptProxyMode,
    aptProxyUrl: machine.aptProxyUrl ?? '',
    tagIds: machine.tags.map((tag) => tag.id),
    group: machine.group ?? '',
    notes: machine.notes ?? '',
    chosenKind: machine.chosenKind ?? '',
  };
}

/** What is wrong with the draft, field by field; nothing when it can be sent. */
export function draftProblems(draft: MachineDraft): Partial<Record<Field, MachineProblem | ProxyProblem>> {
  const problems: Partial<Record<Field, MachineProblem | ProxyProblem>> = {};
  if (draft.hostname.trim() === '') problems.hostname = 'required';
  else if (!hostnameText.safeParse(draft.hostname).success) problems.hostname = 'host';
  if (!/^\d+$/.test(draft.port.trim()) || !portNumber.safeParse(Number(draft.port)).success)
    problems.port = 'port';
  if (draft.username.trim() === '') problems.username = 'required';
  else if (!usernameText.safeParse(draft.username).success) problems.username = 'user';
  const said = machineInputOf(draft);
  for (const field of ['name', 'group', 'notes'] as const)
    if (!machinePatch.shape[field].safeParse(said[field]).success && said[field] !== '')
      problems[field] = 'long';
  const proxy = draft.aptProxyUrl.trim();
  if (draft.aptProxyMode !== 'direct' && proxy === '') problems.aptProxyUrl = 'proxyRequired';
  else if (draft.aptProxyMode !== 'direct' && !aptProxyUrlText.safeParse(proxy).success)
    problems.aptProxyUrl = 'proxyUrl';
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
    aptProxyMode: draft.aptProxyMode,
    aptProxyUrl: storedProxy(draft.aptProxyUrl),
    tagIds: [...draft.tagIds],
    group: draft.group.trim() === '' ? null : draft.group.trim(),
    notes: draft.notes.trim() === '' ? null : draft.notes.trim(),
    chosenKind: draft.chosenKind === '' ? null : draft.chosenKind,
  };
}

/** What is typed while nothing uses it is only kept when it could be used. */
function storedProxy(typed: string): string | null {
  const url = aptProxyUrlText.safeParse(typed);
  return url.success ? url.data : null;
}
