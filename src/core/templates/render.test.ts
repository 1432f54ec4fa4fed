import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { quote, quoteWords } from './quote.ts';
import { describeTemplate, renderTemplate, renderTemplateSource } from './render.ts';
import { sha256Hex } from './sha256.ts';

const directory = fileURLToPath(new URL('../../../resources/templates', import.meta.url));

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'no error';
}

const template = (variables: object, body: string): string =>
  `# homeport: ${JSON.stringify({ summary: 'test', variables })}\n${body}`;
const one = template({ value: { type: 'string' } }, 'value={{value}}\nprintf %s "$value"\n');

const shellText = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0'));

describe('quote', () => {
  it('gives a POSIX shell back the very text', () => {
    fc.assert(
      fc.property(fc.array(shellText, { maxLength: 8 }), (words) => {
        const script = `set -- ${quoteWords(words)}\nprintf '%s\\0' $# "$@"`;
        const printed = execFileSync('/bin/sh', { input: script, encoding: 'utf8' });
        expect(printed).toBe([String(words.length), ...words, ''].join('\0'));
      }),
      { numRuns: 25 },
    );
  });

  it('refuses NUL', () => {
    expect(codeOf(() => quote('a\0b'))).toBe('invalid_input');
  });
});

describe('renderTemplateSource', () => {
  it('quotes every value: hostile text stays text', () => {
    const hostile = [
      `'; echo pwned; '`,
      '$(echo pwned)',
      '`echo pwned`',
      '{{value}}',
      '&lt;',
      '\n# x\n',
      '\\',
    ];
    for (const value of hostile) {
      const { script } = renderTemplateSource('t', one, { value });
      expect(execFileSync('/bin/sh', { input: script, encoding: 'utf8' })).toBe(value);
    }
  });

  it('renders typed values and defaults', () => {
    const source = template(
      {
        n: { type: 'integer', default: 3 },
        b: { type: 'boolean' },
        list: { type: 'strings' },
        mode: { type: 'enum', values: ['keep', 'take_new'] },
      },
      'n={{n}}\nb={{b}}\nmode={{mode}}\nset -- {{list}}\nfor x in {{list}}; do :; done\n{{#b}}\nyes\n{{/b}}\n',
    );
    const { script, sha256 } = renderTemplateSource('t', source, {
      b: true,
      list: ['a b', "c'd"],
      mode: 'keep',
    });
    const words = `'a b' 'c'\\''d'`;
    expect(script).toBe(`n=3\nb=true\nmode='keep'\nset -- ${words}\nfor x in ${words}; do :; done\nyes\n`);
    expect(sha256).toBe(sha256Hex(script));
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['missing', {}, 'template_variable_missing'],
    ['undeclared', { value: 'x', other: 'y' }, 'invalid_input'],
    ['mistyped', { value: 3 }, 'invalid_input'],
    ['list for a string', { value: ['x'] }, 'invalid_input'],
    ['NUL', { value: 'a\0' }, 'invalid_input'],
    ['inherited', { value: 'x', toString: 'y' }, 'invalid_input'],
  ])('%s variable', (_what, variables, code) => {
    expect(codeOf(() => renderTemplateSource('t', one, variables))).toBe(code);
  });

  it.each([
    [{ type: 'integer', max: 5 }, 6],
    [{ type: 'integer' }, 1.5],
    [{ type: 'integer' }, '1'],
    [{ type: 'boolean' }, 'true'],
    [{ type: 'enum', values: ['a'] }, 'b'],
    [{ type: 'token' }, 'a b'],
    [{ type: 'token' }, ''],
  ])('%j refuses %j', (declaration, value) => {
    const source = template({ v: declaration }, 'v={{v}}\n');
    expect(codeOf(() => renderTemplateSource('t', source, { v: value }))).toBe('invalid_input');
  });

  it.each([
    'value={{{value}}}',
    'value={{&value}}',
    'value="{{value}}"',
    'value="x\n{{value}}"',
    'echo {{value}}',
    'value={{value}}; rm x',
    'cat <<E\n {{value}}\nE',
    'value={{other}}',
    '{{#value}}x{{/value}}',
    '{{=<% %>=}}\nvalue=<%value%>',
    'value={{value',
    'value={{\nvalue}}',
    '{{> absent}}',
  ])('refuses the template %j', (body) => {
    expect(
      codeOf(() => renderTemplateSource('t', template({ value: { type: 'string' } }, body), { value: 'x' })),
    ).toBe('internal');
  });

  it.each([
    '',
    '# homeport: {',
    'value={{value}}',
    '# homeport: {"summary":"x","variables":{"v":{"type":"raw"}}}\n',
  ])('refuses the manifest of %j', (source) => {
    expect(codeOf(() => renderTemplateSource('t', source, {}))).toBe('internal');
  });

  it('checks partials by the same rules', () => {
    const source = template({ value: { type: 'string' } }, '{{> part}}\n');
    expect(renderTemplateSource('t', source, { value: 'x' }, () => 'v={{value}}\n').script).toContain(
      "v='x'",
    );
    expect(codeOf(() => renderTemplateSource('t', source, { value: 'x' }, () => 'echo "{{value}}"\n'))).toBe(
      'internal',
    );
  });
});

describe('renderTemplate', () => {
  it('renders the change script with its plan and nothing unquoted', () => {
    const { script } = renderTemplate(directory, 'apt_apply_plan', {
      nonce: 'n1',
      planMode: 'dist_upgrade',
      expectedPlan: ['upgrade libc6:amd64 1 2', "it's"],
    });
    expect(script).toContain(`set -- 'upgrade libc6:amd64 1 2' 'it'\\''s'\n`);
    expect(script).not.toContain('{{');
    // As an option it would take apt's own pseudo-terminal away; only the comment that says so may name it.
    expect(script.replaceAll(/^#.*$/gm, '')).not.toContain('Use-Pty');
  });

  it('lists typed variables', () => {
    expect(describeTemplate(directory, 'apt_apply_plan').variables).toMatchObject({
      expectedPlan: { type: 'strings' },
      conffilePolicy: { type: 'enum', default: 'keep' },
    });
  });

  it.each(['nothing', '../templates/apt_analyze', 'apt_analyze.sh', ''])('knows no template %j', (name) => {
    expect(codeOf(() => renderTemplate(directory, name, {}))).toBe('not_found');
  });
});
