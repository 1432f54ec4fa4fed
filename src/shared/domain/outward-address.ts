/** The names of this computer as they may stand in a URL; `URL` writes IPv4 addresses out and IPv6 in brackets. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Whether a notification may be sent there: over https, or over http where it does not leave this computer. A name and a
 * password have no place in an address, which is shown.
 */
export function isAllowedAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
