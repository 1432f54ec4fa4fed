import { createHash } from 'node:crypto';
import type { MarkdownIt } from 'markdown-it';

/**
 * The style of an exported report: it needs nothing but itself, in light, in dark and on paper. Nothing of a report goes
 * in here: the policy of the page knows this text by its hash.
 */
const style = `
:root { color-scheme: light dark; --text: #1b1f24; --muted: #59636e; --line: #d1d9e0; --sunken: #f3f5f7; --page: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --muted: #9aa4af; --line: #3a424b; --sunken: #1b2128; --page: #12161b; }
}
* { box-sizing: border-box; }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; background: var(--page); color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.625rem; line-height: 1.25; }
h2 { margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
p, ul, ol, pre, blockquote, .table { margin: 0 0 .75rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .25rem .75rem; border: 1px solid var(--line); text-align: start; vertical-align: top;
  overflow-wrap: break-word; }
th { background: var(--sunken); font-weight: 600; }
code, pre { font-family: ui-monospace, "JetBrains Mono", "DejaVu Sans Mono", Consolas, monospace; font-size: .875em; }
code { padding: .0625rem .25rem; border-radius: .25rem; background: var(--sunken); }
footer { margin-top: 3rem; padding-top: .5rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .8125rem; }
@page { size: A4; margin: 18mm 16mm; }
@media print {
  :root { --text: #000; --muted: #444; --line: #999; --sunken: #fff; --page: #fff; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h1, h2, h3 { break-after: avoid; }
  tr, li { break-inside: avoid; }
  thead { display: table-header-group; }
  .table { overflow: visible; }
  code { padding: 0; }
}
`;

const styleHash = createHash('sha256').update(style).digest('base64');
/** No script, no address of any kind: whatever the text of a host were to smuggle in, it stays text. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

export interface HtmlReport {
  readonly title: string;
  readonly language: string;
  readonly markdown: string;
  /** The last line, such as who made it and when. */
  readonly footer: string;
}

/** A report as one HTML page that stands alone: its own style, no script, no address that a reader would load. */
export async function reportHtml(report: HtmlReport): Promise<string> {
  return `<!doctype html>
<html lang="${escapeHtml(report.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(report.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${(await markdownReader()).render(report.markdown)}</main>
<footer>${escapeHtml(report.footer)}</footer>
</body>
</html>
`;
}

let reader: MarkdownIt | null = null;

/** Reads Markdown without raw HTML and without images; links open https addresses only. Loaded when it is first needed. */
async function markdownReader(): Promise<MarkdownIt> {
  if (reader) return reader;
  const { default: Reader } = await import('markdown-it');
  reader = new Reader({ html: false, linkify: false, typographer: false }).disable('image');
  reader.validateLink = (address) => /^https:\/\//i.test(address);
  reader.renderer.rules['table_open'] = () => '<div class="table"><table>\n';
  reader.renderer.rules['table_close'] = () => '</table></div>\n';
  reader.renderer.rules['link_open'] = (tokens, at, options, _env, self) => {
    tokens[at]?.attrSet('rel', 'noopener noreferrer');
    return self.renderToken(tokens, at, options);
  };
  return reader;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
