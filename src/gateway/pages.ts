/** The few pages that are not the interface. Plain HTML: no script, no style that the policy would refuse. */

const texts = {
  'link-used': [
    'This link was used or has expired',
    'A link opens Homeport once. Start Homeport again: it prints a new link and leaves the running one as it is.',
  ],
  'no-session': [
    'Homeport does not know this browser',
    'Start Homeport again: it prints a link that opens it here, and leaves the running one as it is.',
  ],
  'not-allowed': ['Not allowed', 'Homeport answers only on its own address, to the link that it printed.'],
  'not-found': ['Not found', 'There is nothing at this address.'],
  failed: ['Homeport failed', 'The cause is in the log of the data directory.'],
} as const satisfies Record<string, readonly [string, string]>;

const page = (title: string, head: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">` +
  `<title>${title}</title>${head}</head><body><h1>${title}</h1><p>${body}</p></body></html>`;

export function plainPage(name: keyof typeof texts): string {
  const [title, body] = texts[name];
  return page(title, '', body);
}

/**
 * Sets off to the interface from a page of the same site. A redirect would not do: a Strict cookie is not sent along a
 * navigation that another site started, for example a link in a web terminal.
 */
export const openedPage = page(
  'Homeport',
  '<meta http-equiv="refresh" content="0;url=/">',
  'Opening… <a href="/">Go on</a>',
);
