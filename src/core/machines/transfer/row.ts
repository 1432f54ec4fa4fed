import { parseAddress } from '../../../shared/contract/address.ts';
import {
  importMachine,
  type ImportField,
  type ImportMachine,
  type ImportProblem,
  type ImportProblemCode,
  type ImportRow,
} from '../../../shared/contract/machines.ts';
import { tagName } from '../../../shared/contract/models.ts';
import { aptProxyModes, authMethods, machineKinds, sudoModes } from '../../../shared/domain/unions.ts';
import { splitWords } from './cells.ts';

/** What a file says about one machine; nothing of it is trusted. */
export interface RawMachine {
  readonly line: number | null;
  readonly values: Partial<Record<ImportField, string>>;
  /** Where the format has tags as a list. */
  readonly tags?: readonly { name: string; color: string | null }[];
  readonly identityFile?: string | null;
  readonly hostKeys?: ImportMachine['hostKeys'];
}

const shortened = (text: string): string => {
  const line = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
};
// eslint-disable-next-line no-control-regex -- that is what is looked for
const control = /[\u0000-\u001f\u007f]/;
// eslint-disable-next-line no-control-regex -- that is what is looked for; notes have lines
const controlInNotes = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const maxTags = 50;

/** One machine of a file, checked field by field; what does not fit is said and, where it can be, left out. */
export function readRow(raw: RawMachine, row: number): ImportRow {
  const problems: ImportProblem[] = [];
  const value = (field: ImportField): string => (raw.values[field] ?? '').trim();
  const say = (
    severity: ImportProblem['severity'],
    code: ImportProblemCode,
    field: ImportField,
    text: string,
  ) => {
    problems.push({ severity, code, field, value: shortened(text) });
  };
  const readOne = <T extends string>(
    field: ImportField,
    allowed: readonly T[],
    code: ImportProblemCode,
  ): T | null => {
    const text = value(field)
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_');
    if (text === '') return null;
    const found = allowed.find((one) => one === text);
    if (found === undefined) say('warning', code, field, value(field));
    return found ?? null;
  };
  const bounded = (field: ImportField, max: number): string | null => {
    const text = value(field);
    if (text === '') return null;
    if (text.length > max) say('error', 'too_long', field, text);
    else if ((field === 'notes' ? controlInNotes : control).test(text)) say('error', 'control', field, text);
    else return text;
    return null;
  };

  // `user@host:port` may stand in one cell; columns of their own say more.
  const place = value('hostname') === '' ? value('name') : value('hostname');
  let hostname = '';
  let username: string | null = null;
  let port = 22;
  if (place === '') say('error', 'required', 'hostname', '');
  else if (place.length > 400) say('error', 'too_long', 'hostname', place);
  else if (control.test(place)) say('error', 'control', 'hostname', place);
  else {
    const parsed = parseAddress(place);
    if (parsed.ok) ({ hostname, username, port } = parsed.address);
    else say('error', parsed.problem === 'empty' ? 'required' : parsed.problem, 'hostname', place);
  }
  const portText = value('port');
  if (portText !== '') {
    port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
    if (port < 1 || port > 65_535) say('error', 'port', 'port', portText);
  }
  const userText = bounded('username', 64);
  if (userText !== null) {
    if (importMachine.shape.username.safeParse(userText).success) username = userText;
    else say('error', 'user', 'username', userText);
  }
  const proxyUrl = bounded('aptProxyUrl', 300);
  const proxyMode =
    readOne('aptProxyMode', aptProxyModes, 'proxy') ?? (proxyUrl === null ? 'direct' : 'runtime');
  const proxyFits = proxyUrl !== null && importMachine.shape.aptProxyUrl.safeParse(proxyUrl).success;
  if (proxyUrl !== null && !proxyFits) say('warning', 'proxy', 'aptProxyUrl', proxyUrl);
  else if (proxyMode !== 'direct' && proxyUrl === null) say('warning', 'proxy', 'aptProxyUrl', proxyMode);

  const machine: ImportMachine = {
    name: bounded('name', 120) ?? hostname,
    hostname,
    port,
    username,
    jumpHost: bounded('jumpHost', 400),
    group: bounded('group', 80),
    kind: readOne('kind', machineKinds, 'kind'),
    tags: readTags(raw, (text) => say('warning', 'tag', 'tags', text)),
    notes: bounded('notes', 4000),
    authMethod: readOne('authMethod', authMethods, 'auth'),
    sudoMode: readOne('sudoMode', sudoModes, 'sudo'),
    allowLegacyAlgorithms: readFlag(value('allowLegacyAlgorithms'), (text) =>
      say('warning', 'flag', 'allowLegacyAlgorithms', text),
    ),
    aptProxyMode: proxyFits ? proxyMode : 'direct',
    aptProxyUrl: proxyFits ? proxyUrl : null,
    identityFile: raw.identityFile ?? null,
    hostKeys: [...(raw.hostKeys ?? [])],
  };
  const failed = problems.some((problem) => problem.severity === 'error');
  const checked = failed ? null : importMachine.safeParse(machine);
  if (checked?.success === false) say('error', 'not_a_machine', 'hostname', place);
  return {
    row,
    line: raw.line,
    machine: checked?.success ? checked.data : null,
    label: shortened(value('name') === '' ? place : value('name')),
    problems,
  };
}

function readTags(raw: RawMachine, refuse: (text: string) => void): ImportMachine['tags'] {
  const words = raw.tags ?? splitWords(raw.values.tags ?? '').map((name) => ({ name, color: null }));
  const tags = new Map<string, ImportMachine['tags'][number]>();
  for (const { name, color } of words) {
    const checked = tagName.safeParse(name);
    const key = checked.success ? checked.data.toLowerCase() : '';
    if (!checked.success || tags.size >= maxTags) refuse(name);
    else if (!tags.has(key)) {
      const fits = color !== null && /^#[0-9a-f]{6}$/i.test(color);
      tags.set(key, { name: checked.data, color: fits ? color.toLowerCase() : null });
    }
  }
  return [...tags.values()];
}

function readFlag(text: string, refuse: (text: string) => void): boolean {
  if (/^(1|yes|true|on|oui|vrai)$/i.test(text)) return true;
  if (text !== '' && !/^(0|no|false|off|non|faux)$/i.test(text)) refuse(text);
  return false;
}
