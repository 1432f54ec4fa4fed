import type { OutwardChannel, OutwardConfig, OutwardFilter } from '../../../shared/contract/outward.ts';
import { isAllowedAddress } from '../../../shared/domain/outward-address.ts';
import {
  notificationKinds,
  type NotificationKind,
  type OutwardKind,
  type Severity,
} from '../../../shared/domain/unions.ts';

type Email = Extract<OutwardConfig, { kind: 'email' }>;
type Ntfy = Extract<OutwardConfig, { kind: 'ntfy' }>;

/** A channel as its form has it: what was typed. */
export interface ChannelDraft {
  kind: OutwardKind;
  name: string;
  url: string;
  priority: Ntfy['priority'];
  host: string;
  port: string;
  security: Email['security'];
  username: string;
  from: string;
  to: string;
  secret: string;
  isSecretRemoved: boolean;
  kinds: NotificationKind[];
  severity: Severity;
  tagIds: string[];
}

/** What a field looks like; a name that nobody has (RFC 2606). */
export const examples = { host: 'smtp.example.org', url: 'https://' } as const;

/** What most people want to hear of away from their desk: what went wrong and what waits for them. */
const usualKinds: readonly NotificationKind[] = notificationKinds.filter(
  (kind) => kind !== 'run_ended' && kind !== 'changed_by_others' && kind !== 'outward_failed',
);

export function newDraft(): ChannelDraft {
  return {
    kind: 'ntfy',
    name: '',
    url: '',
    priority: 'default',
    host: '',
    port: '587',
    security: 'starttls',
    username: '',
    from: '',
    to: '',
    secret: '',
    isSecretRemoved: false,
    kinds: [...usualKinds],
    severity: 'info',
    tagIds: [],
  };
}

export function draftOf({ name, config, filter }: OutwardChannel): ChannelDraft {
  const { kind: _kind, ...values } = config;
  return {
    ...newDraft(),
    ...('port' in values ? { ...values, port: String(values.port), to: values.to.join(', ') } : values),
    kind: config.kind,
    name,
    kinds: [...filter.kinds],
    severity: filter.severity,
    tagIds: [...filter.tagIds],
  };
}

export type DraftField = 'name' | 'url' | 'host' | 'port' | 'from' | 'to' | 'kinds' | 'secret';
export type DraftProblem = 'required' | 'url' | 'email' | 'elsewhere';

const isEmail = (text: string): boolean => /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(text);
const recipients = (to: string): string[] => to.split(/[\s,;]+/).filter(Boolean);

const serverOf = (draft: ChannelDraft): string =>
  draft.kind === 'email'
    ? `${draft.host.trim()}:${draft.port.trim()}`
    : (URL.parse(draft.url.trim())?.origin ?? '');

/** The channel would talk to another server than the stored one, which has a secret of its own. */
export const isElsewhere = (draft: ChannelDraft, stored: OutwardChannel | null): boolean =>
  stored?.hasSecret === true && serverOf(draft) !== serverOf(draftOf(stored));

/** What of a draft cannot be saved. */
export function problemsOf(
  draft: ChannelDraft,
  stored: OutwardChannel | null,
): Partial<Record<DraftField, DraftProblem>> {
  const found: Partial<Record<DraftField, DraftProblem>> = {};
  if (draft.name.trim() === '') found.name = 'required';
  if (draft.kinds.length === 0) found.kinds = 'required';
  if (draft.kind === 'email') {
    if (draft.host.trim() === '') found.host = 'required';
    const port = Number(draft.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) found.port = 'required';
    if (!isEmail(draft.from.trim())) found.from = 'email';
    const to = recipients(draft.to);
    if (to.length === 0 || !to.every(isEmail)) found.to = 'email';
  } else {
    const url = URL.parse(draft.url.trim());
    const hasTopic = draft.kind !== 'ntfy' || (url?.pathname ?? '/') !== '/';
    if (!isAllowedAddress(draft.url.trim()) || !hasTopic) found.url = 'url';
  }
  if (isElsewhere(draft, stored) && draft.secret === '' && !draft.isSecretRemoved) found.secret = 'elsewhere';
  return found;
}

export function configOf(draft: ChannelDraft): OutwardConfig {
  switch (draft.kind) {
    case 'webhook':
      return { kind: 'webhook', url: draft.url.trim() };
    case 'ntfy':
      return { kind: 'ntfy', url: draft.url.trim(), priority: draft.priority };
    case 'email':
      return {
        kind: 'email',
        host: draft.host.trim(),
        port: Number(draft.port),
        security: draft.security,
        username: draft.username.trim(),
        from: draft.from.trim(),
        to: recipients(draft.to),
      };
  }
}

export const filterOf = ({ kinds, severity, tagIds }: ChannelDraft): OutwardFilter => ({
  kinds: [...kinds],
  severity,
  tagIds: [...tagIds],
});

/** What is said of the secret: nothing keeps it, null removes it. */
export function secretOf({ secret, isSecretRemoved }: ChannelDraft): string | null | undefined {
  if (secret !== '') return secret;
  return isSecretRemoved ? null : undefined;
}
