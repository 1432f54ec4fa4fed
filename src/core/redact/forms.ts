/**
 * In bytes. A shorter secret is not searched for: three characters turn up in ordinary output all the time, which would
 * make logs unreadable and, by the places where they are missing, tell the secret.
 */
export const minSecretBytes = 4;
/** A secret's base64 inside a longer base64 text is searched for from this many characters on. */
const minInnerBase64 = 8;
/** A line of a private key is secret from this length on; a shorter last line holds next to nothing. */
const minKeyLine = 16;

const keyMarks = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/m;
const keyLine = /^[A-Za-z0-9+/=]+$/;

/**
 * The byte sequences by which a secret may show itself in output: as it is, and as base64, URL, JSON and shell write it.
 * Of a private key, each long line of its body, since keys are re-wrapped and indented but hardly ever inside a line.
 */
export function formsOf(secret: string): Buffer[] {
  const texts = keyMarks.test(secret) ? keyLines(secret) : [...spellings(secret), ...longLines(secret)];
  const unique = new Set(texts.filter((text) => Buffer.byteLength(text) >= minSecretBytes));
  return [...unique].map((text) => Buffer.from(text, 'utf8'));
}

function keyLines(key: string): string[] {
  return lines(key).filter((line) => line.length >= minKeyLine && keyLine.test(line));
}

/** A text of several lines may come back indented, or with a terminal's line ends. */
function longLines(secret: string): string[] {
  const parts = lines(secret);
  return parts.length > 1 ? parts.filter((line) => line.length >= minKeyLine) : [];
}

const lines = (text: string) => text.split(/\r?\n/).map((line) => line.trim());

function spellings(secret: string): string[] {
  // Too short to be looked for is too short in any spelling.
  if (Buffer.byteLength(secret) < minSecretBytes) return [];
  return [
    secret,
    secret.replace(/\r?\n/g, '\r\n'),
    ...base64Forms(secret),
    ...urlForms(secret),
    ...jsonForms(secret),
    ...shellForms(secret),
  ];
}

/** RFC 4648, both alphabets: alone with and without padding, and at each of the three positions inside a longer text. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const forms = [bytes.toString('base64'), bytes.toString('base64').replace(/=+$/, '')];
  for (const before of [0, 1, 2]) {
    const bits = (before + bytes.length) * 8;
    // Characters that also hold bits of a neighbour are left out: 0, 2 or 3 in front, and an incomplete last one.
    const inner = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(before === 0 ? 0 : before + 1, Math.floor(bits / 6));
    if (inner.length >= minInnerBase64) forms.push(inner);
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** RFC 3986 percent-encoding, as strict and as loose as programs do it, and that of HTML forms. */
function urlForms(secret: string): string[] {
  const loose = encodeURIComponent(secret.toWellFormed());
  const strict = loose.replace(/[!'()*~._-]/g, percent);
  const usual = loose.replace(/[!'()*]/g, percent);
  const upper = [loose, usual, strict, usual.replaceAll('%20', '+')];
  return upper.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** RFC 8259 strings: as JSON.stringify writes them, with escaped slashes (PHP), and in ASCII only (Python). */
function jsonForms(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1);
  const ascii = plain.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [plain, plain.replaceAll('/', '\\/'), ascii];
}

/** POSIX shell quoting (XCU 2.2): an apostrophe inside '…' in its two spellings, inside "…", and by backslashes. */
function shellForms(secret: string): string[] {
  return [
    secret.replaceAll("'", `'\\''`),
    secret.replaceAll("'", `'"'"'`),
    secret.replace(/[$`"\\]/g, '\\$&'),
    secret.replace(/[^A-Za-z0-9_@%+=:,./\u0080-\uffff-]/g, '\\$&'),
  ];
}
