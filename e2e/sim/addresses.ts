/** Chromium has no `app:` scheme of ours: app://host/x is https://host.app.electron-sim.invalid/x there. */
const suffix = 'electron-sim.invalid';

/** The URL that Chromium is given for a custom scheme's URL; others as they are. */
export function toChromium(url: string, schemes: ReadonlySet<string>): string {
  const parsed = URL.parse(url);
  const scheme = parsed?.protocol.slice(0, -1) ?? '';
  if (!parsed || !schemes.has(scheme)) return url;
  return `https://${parsed.host}.${scheme}.${suffix}${parsed.pathname || '/'}${parsed.search}${parsed.hash}`;
}

/** The URL that the application sees for one of Chromium's; others as they are. */
export function fromChromium(url: string): string {
  const parsed = URL.parse(url);
  const match = /^(.+)\.([a-z][a-z0-9+-]*)\.electron-sim\.invalid$/.exec(parsed?.hostname ?? '');
  if (!parsed || !match) return url;
  return `${match[2]}://${match[1]}${parsed.pathname}${parsed.search}${parsed.hash}`;
}
