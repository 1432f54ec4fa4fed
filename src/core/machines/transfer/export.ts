import { stringify } from 'csv-stringify/sync';
import { addressText } from '../../../shared/contract/address.ts';
import { importFields, type ExportFormat, type ImportField } from '../../../shared/contract/machines.ts';
import type { Tag } from '../../../shared/contract/models.ts';
import type { AptProxyMode, AuthMethod, MachineKind, SudoMode } from '../../../shared/domain/unions.ts';
import { joinWords, neutralCell } from './cells.ts';

/** A machine as it is written to a file. Nothing secret is in it: what is not here cannot be exported. */
export interface ExportMachine {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly jumpMachineId: string | null;
  readonly group: string | null;
  readonly chosenKind: MachineKind | null;
  readonly tags: readonly Tag[];
  readonly notes: string | null;
  readonly authMethod: AuthMethod | null;
  readonly sudoMode: SudoMode | null;
  readonly allowLegacyAlgorithms: boolean;
  readonly aptProxyMode: AptProxyMode;
  readonly aptProxyUrl: string | null;
  /** Approved ones of its present address. */
  readonly hostKeys: readonly { readonly keyType: string; readonly publicKey: string }[];
}

export const exportMediaTypes: Record<ExportFormat, string> = {
  csv: 'text/csv;charset=utf-8',
  json: 'application/json',
  ssh_config: 'text/plain;charset=utf-8',
  known_hosts: 'text/plain;charset=utf-8',
};
export const exportFileNames: Record<ExportFormat, string> = {
  csv: 'homeport-machines.csv',
  json: 'homeport-machines.json',
  ssh_config: 'homeport-ssh-config.txt',
  known_hosts: 'homeport-known-hosts.txt',
};

/** `all`: the whole fleet, so that a jump host outside of the selection still has its name. */
export function exportText(
  format: ExportFormat,
  chosen: readonly ExportMachine[],
  all: readonly ExportMachine[],
  now: Date,
): string {
  const jumpText = jumpTexts(all);
  switch (format) {
    case 'csv':
      return csvText(chosen, jumpText);
    case 'json':
      return `${JSON.stringify({ format: 'homeport-machines', version: 1, exportedAt: now.toISOString(), machines: chosen.map((one) => jsonMachine(one, jumpText(one))) }, null, 2)}\n`;
    case 'ssh_config':
      return sshConfigText(chosen, all);
    case 'known_hosts':
      return knownHostsText(chosen);
  }
}

/** The jump host's name, or its address where several machines have that name. */
function jumpTexts(all: readonly ExportMachine[]): (machine: ExportMachine) => string | null {
  const byId = new Map(all.map((one) => [one.id, one]));
  const counts = new Map<string, number>();
  for (const { name } of all) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  return ({ jumpMachineId }) => {
    const jump = jumpMachineId === null ? undefined : byId.get(jumpMachineId);
    if (!jump) return null;
    return counts.get(jump.name.toLowerCase()) === 1 ? jump.name : addressText(jump);
  };
}

function csvText(
  machines: readonly ExportMachine[],
  jumpText: (machine: ExportMachine) => string | null,
): string {
  const cells = (one: ExportMachine): Record<ImportField, string> => ({
    name: one.name,
    hostname: one.hostname,
    port: String(one.port),
    username: one.username,
    jumpHost: jumpText(one) ?? '',
    group: one.group ?? '',
    kind: one.chosenKind ?? '',
    tags: joinWords(one.tags.map(({ name }) => name)),
    notes: one.notes ?? '',
    authMethod: one.authMethod ?? '',
    sudoMode: one.sudoMode ?? '',
    allowLegacyAlgorithms: one.allowLegacyAlgorithms ? 'yes' : 'no',
    aptProxyMode: one.aptProxyMode,
    aptProxyUrl: one.aptProxyUrl ?? '',
  });
  const rows = machines.map((one) => {
    const values = cells(one);
    return importFields.map((field) => neutralCell(values[field]));
  });
  // With a byte order mark: without it spreadsheets take UTF-8 for the system's old encoding.
  return stringify([[...importFields], ...rows], { bom: true, record_delimiter: 'windows' });
}

function jsonMachine(one: ExportMachine, jumpHost: string | null): Record<ImportField, unknown> {
  return {
    name: one.name,
    hostname: one.hostname,
    port: one.port,
    username: one.username,
    jumpHost,
    group: one.group,
    kind: one.chosenKind,
    tags: one.tags.map(({ name, color }) => ({ name, color })),
    notes: one.notes,
    authMethod: one.authMethod,
    sudoMode: one.sudoMode,
    allowLegacyAlgorithms: one.allowLegacyAlgorithms,
    aptProxyMode: one.aptProxyMode,
    aptProxyUrl: one.aptProxyUrl,
  };
}

/** Each machine under an alias that ssh can take: the name without spaces, wildcards and what ends a line. */
function sshConfigText(machines: readonly ExportMachine[], all: readonly ExportMachine[]): string {
  const aliases = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id, name } of all) {
    const plain = name.replaceAll(/[^\p{L}\p{N}._+-]+/gu, '-').replaceAll(/^-+|-+$/g, '');
    const base = plain === '' ? 'machine' : plain;
    let alias = base;
    for (let at = 2; taken.has(alias.toLowerCase()); at += 1) alias = `${base}-${String(at)}`;
    taken.add(alias.toLowerCase());
    aliases.set(id, alias);
  }
  const blocks = machines.map((one) => {
    const jump = one.jumpMachineId === null ? undefined : aliases.get(one.jumpMachineId);
    const words = [one.group, ...one.tags.map(({ name }) => name)].filter((word) => word !== null);
    return [
      ...(words.length > 0 ? [`# ${words.join(', ').replaceAll(/[\p{C}\s]+/gu, ' ')}`] : []),
      `Host ${aliases.get(one.id) ?? one.hostname}`,
      `  HostName ${sshWord(one.hostname)}`,
      ...(one.port === 22 ? [] : [`  Port ${String(one.port)}`]),
      `  User ${sshWord(one.username)}`,
      ...(jump === undefined ? [] : [`  ProxyJump ${jump}`]),
      '',
    ].join('\n');
  });
  return ['# Written by Homeport. Holds no key and no password.', '', ...blocks].join('\n');
}

/** Whether a file of that format says anything of the machine: known_hosts has keys only. */
export const isWritten = (format: ExportFormat, machine: ExportMachine): boolean =>
  format !== 'known_hosts' || machine.hostKeys.length > 0;

/** As sshd(8) describes the file; a port other than 22 stands in brackets with the host. */
function knownHostsText(machines: readonly ExportMachine[]): string {
  const lines = machines.flatMap(({ hostname, port, hostKeys }) =>
    hostKeys.map(
      ({ keyType, publicKey }) =>
        `${port === 22 ? hostname : `[${hostname}]:${String(port)}`} ${keyType} ${publicKey}`,
    ),
  );
  return `${['# Written by Homeport: the host keys that were approved there.', ...new Set(lines)].join('\n')}\n`;
}

/** One argument of ssh_config(5); `%` begins a token there. */
function sshWord(text: string): string {
  const plain = text.replaceAll('%', '%%');
  return /^[\w.:%@+-]+$/.test(plain) ? plain : `"${plain.replaceAll(/["\\]/g, '\\$&')}"`;
}
