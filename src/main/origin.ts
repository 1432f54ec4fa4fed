/** The page's own scheme and host: a secure, standard origin that no web server can be. */
export const scheme = 'app';
export const pageHost = 'homeport';
export const pageUrl = `${scheme}://${pageHost}/index.html`;

/** Pages that are only printed have a host of their own: nothing there counts as the application's page. */
const documentHost = 'document';

export const documentUrl = (name: string): string => `${scheme}://${documentHost}/${name}`;

/** True for a page of ours: the URL's scheme and host, never a prefix of its text. */
export function isOwnUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === `${scheme}:` && parsed.host === pageHost;
}

/** The URL to hand to the system's browser, or null: only https, without credentials, of a sensible length. */
export function externalUrl(url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'https:' || parsed.username || parsed.password) return null;
  return parsed.href.length <= 2_048 ? parsed.href : null;
}

/** The address within our page when it asks for a window of terminals of their own; null for anything else. */
export function ownWindowTarget(url: string): string | null {
  if (!isOwnUrl(url)) return null;
  const { hash } = new URL(url);
  return /^#\/terminal-window\/[0-9a-f-]{36}$/.test(hash) ? hash : null;
}
