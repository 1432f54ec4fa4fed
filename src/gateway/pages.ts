import { currentLanguage } from './language.ts';
import { say } from './words/index.ts';

/** The few pages that are not the interface. Plain HTML: no script, no style that the policy would refuse. */

export type PlainPage = 'linkUsed' | 'noSession' | 'notAllowed' | 'notFound' | 'failed';

const page = (title: string, head: string, body: string): string =>
  `<!doctype html><html lang="${currentLanguage()}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">` +
  `<title>${title}</title>${head}</head><body><h1>${title}</h1><p>${body}</p></body></html>`;

export const plainPage = (name: PlainPage): string =>
  page(say(`page.${name}.title`), '', say(`page.${name}.text`));

/**
 * Sets off to the interface from a page of the same site. A redirect would not do: a Strict cookie is not sent along a
 * navigation that another site started, for example a link in a web terminal.
 */
export const openedPage = (): string =>
  page(
    'Homeport',
    '<meta http-equiv="refresh" content="0;url=/">',
    `${say('page.opening')} <a href="/">${say('page.goOn')}</a>`,
  );
