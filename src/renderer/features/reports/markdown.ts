import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';

/**
 * Reports carry text that hosts control (package names, error lines), so they are untrusted twice: raw HTML is off in the
 * Markdown reader, and what it writes passes a sanitiser that knows only the elements a report needs. Images are not
 * loaded, links open https addresses only.
 */
const reader = new MarkdownIt({ html: false, linkify: false, typographer: false }).disable('image');
reader.validateLink = (address) => /^https:\/\//i.test(address);

const allowedTags = [
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'ul', 'ol', 'li', 'strong', 'em', 's', 'code', 'pre'],
  ...['blockquote', 'hr', 'br', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

/** The Markdown as HTML, before it is sanitised; apart for tests that have no document. */
export function unsafeHtml(markdown: string): string {
  return reader.render(markdown);
}

/** The Markdown as a fragment of a document that is safe to insert. Its title (the first h1) is left to the page. */
export function renderMarkdown(markdown: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(unsafeHtml(markdown), {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: ['href', 'start'],
    ALLOWED_URI_REGEXP: /^https:\/\//i,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  // Markdown has no table without a head: an empty one would be read out as nameless columns.
  for (const head of fragment.querySelectorAll('thead')) if (!head.textContent.trim()) head.remove();
  for (const table of fragment.querySelectorAll('table')) {
    const scroller = document.createElement('div');
    scroller.className = 'table';
    scroller.tabIndex = 0;
    table.replaceWith(scroller);
    scroller.append(table);
  }
  return fragment;
}
