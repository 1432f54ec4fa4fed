/**
 * Whether one of the archives that offer a version is a security archive. Suites change their names with time (bookworm's
 * reads oldstable-security since trixie), so on Debian the label decides; on Ubuntu and its ESM the suite does.
 */
export function isSecurityOrigin(origins: readonly string[]): boolean {
  return origins.some((origin) => {
    const slash = origin.lastIndexOf('/');
    const suite = slash === -1 ? '' : origin.slice(slash + 1);
    const head = slash === -1 ? origin : origin.slice(0, slash);
    const colon = head.indexOf(':');
    // Without a version the form is LABEL:SUITE.
    const label = colon === -1 ? head : head.slice(0, colon);
    const archive = suite || (colon === -1 ? '' : head.slice(colon + 1));
    if (label === 'Debian-Security') return true;
    return (label === 'Ubuntu' || label.startsWith('UbuntuESM')) && archive.endsWith('-security');
  });
}
