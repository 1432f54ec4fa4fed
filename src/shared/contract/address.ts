import { hostnameText, portNumber, usernameText } from './models.ts';

/** What stands in the quick field: `user@host:port`, the way `ssh` itself takes it. */
export interface TypedAddress {
  /** Null when no user was typed. */
  username: string | null;
  hostname: string;
  port: number;
}

export type AddressProblem = 'empty' | 'user' | 'host' | 'port';
export type AddressResult = { ok: true; address: TypedAddress } | { ok: false; problem: AddressProblem };

/**
 * Reads `host`, `user@host`, `user@host:port`, `user@[v6]:port`, a bare IPv6 address, `ssh://…` and a pasted
 * `ssh user@host -p port`.
 */
export function parseAddress(typed: string): AddressResult {
  let text = typed.trim();
  if (text === '') return { ok: false, problem: 'empty' };
  let portText: string | null = null;

  const command = /^ssh\s+(.*)$/.exec(text);
  if (command) {
    text = (command[1] ?? '').replace(/(?:^|\s)-p\s*(\d+)(?=\s|$)/, (_all, found: string) => {
      portText = found;
      return ' ';
    });
    text = text.trim();
  }
  text = text.replace(/^ssh:\/\//i, '').replace(/\/$/, '');

  const at = text.lastIndexOf('@');
  const username = at < 0 ? null : text.slice(0, at);
  if (username !== null && !usernameText.safeParse(username).success) return { ok: false, problem: 'user' };

  const place = splitPort(text.slice(at + 1));
  if (place === null) return { ok: false, problem: 'host' };
  const port = Number(place.port ?? portText ?? '22');
  if (!portNumber.safeParse(port).success) return { ok: false, problem: 'port' };
  const hostname = hostnameText.safeParse(place.host);
  if (!hostname.success || /[,\s]/.test(place.host)) return { ok: false, problem: 'host' };
  return { ok: true, address: { username, hostname: hostname.data, port } };
}

function splitPort(place: string): { host: string; port: string | null } | null {
  if (place.startsWith('[')) {
    const bracketed = /^\[([0-9a-f:.%\w-]+)\](?::(.*))?$/i.exec(place);
    return bracketed ? { host: bracketed[1] ?? '', port: bracketed[2] ?? null } : null;
  }
  const colons = place.split(':').length - 1;
  if (colons > 1) return { host: place, port: null };
  if (colons === 0) return { host: place, port: null };
  const [host = '', port = ''] = place.split(':');
  return { host, port };
}

/** `user@host:port` as it would be typed; the port only where it is not 22. */
export function addressText(address: { username: string | null; hostname: string; port: number }): string {
  const v6 = address.hostname.includes(':');
  const host = v6 && address.port !== 22 ? `[${address.hostname}]` : address.hostname;
  const user = address.username === null ? '' : `${address.username}@`;
  return `${user}${host}${address.port === 22 ? '' : `:${String(address.port)}`}`;
}
