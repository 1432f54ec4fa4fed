import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, test } from 'vitest';
import { errorKinds } from '../../../shared/domain/errors.ts';
import { errorParams } from '../../../shared/words/error-params.ts';
import { placeholders, render, type Catalogue } from '../../../shared/words/message.ts';
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';

const root = join(import.meta.dirname, '..', '..');
const english: Catalogue = en;
const french: Catalogue = fr;

describe('catalogues', () => {
  test('every language has exactly the keys of English', () => {
    expect(Object.keys(french).sort()).toEqual(Object.keys(english).sort());
  });

  test('a message has the same placeholders in every language', () => {
    const differing = Object.keys(english).filter(
      (key) => placeholders(english[key]!).join() !== placeholders(french[key] ?? '').join(),
    );
    expect(differing).toEqual([]);
  });

  test('no message is empty, and none exclaims', () => {
    const bad = [...Object.entries(english), ...Object.entries(french)].filter(([, message]) =>
      (typeof message === 'string' ? [message] : [message.one, message.other]).some(
        (text) => text.trim() === '' || text.includes('!'),
      ),
    );
    expect(bad).toEqual([]);
  });

  test.each(errorKinds)('%s says what happened and what to do, without a hole', (kind) => {
    for (const catalogue of [english, french]) {
      for (const part of ['title', 'remedy']) {
        const message = catalogue[`error.${kind}.${part}`];
        expect(message, `error.${kind}.${part}`).toBeDefined();
        expect(render(message!, 'en', errorParams(catalogue, {}))).not.toMatch(/[{}]/);
      }
    }
  });
});

describe('components', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.svelte'))
    .map((path) => join(root, path));

  test('there are components to look at', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  test.each(files.map((file) => relative(root, file)))('%s has no words of its own', (file) => {
    expect(hardWords(readFileSync(join(root, file), 'utf8'))).toEqual([]);
  });

  test('a hard-coded word is found, in text and in attributes', () => {
    expect(hardWords('<p>Hello</p>')).toEqual(['Hello']);
    expect(hardWords('{#if a}<input placeholder="Name" aria-label={b ? "Yes" : t("x")} />{/if}')).toEqual([
      'Name',
      'Yes',
    ]);
    expect(hardWords('<p>{ok ? "Fine" : `${n} left`}</p>')).toEqual(['Fine', ' left']);
    expect(hardWords('<p title={t("x")}>{t("y")} · 12 %</p>')).toEqual([]);
    expect(hardWords('<Row hint="Why">{"Put " + "together"}</Row>{#if a === "open"}{b}{/if}')).toEqual(
      ['Why', 'Put', 'together'].map((text) => expect.stringContaining(text) as string),
    );
    expect(hardWords('<script lang="ts">show({ tone: "ok", text: "Saved" });</script>')).toEqual(['Saved']);
  });
});

describe('modules', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.includes('test') && !path.includes('i18n'),
  );

  test('there are modules to look at', () => {
    expect(files.length).toBeGreaterThan(80);
  });

  test.each(files)('%s has no words of its own', (file) => {
    expect(wordsOfModule(readFileSync(join(root, file), 'utf8'))).toEqual([]);
  });

  test('a hard-coded word is found in what is shown, not in what is compared', () => {
    expect(wordsOfModule('export const items = [{ label: ok ? "Open" : `${n} left`, id: "open" }];')).toEqual(
      ['Open', ' left'],
    );
    expect(wordsOfModule('show({ text: () => "Saved" });')).toEqual(['Saved']);
    expect(wordsOfModule('export const item = { label: t("menu.open"), value: "Open" };')).toEqual([]);
  });
});

describe('programs', () => {
  /** Words of others that are looked for in what they say, and names of keys. */
  const ofOthers = ['features/runs/apt-phrases.ts', 'features/commands/keys.ts'];
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(ts|svelte)$/.test(path) && !/test|i18n/.test(path) && !ofOthers.includes(path),
  );

  test.each(files)('%s says nothing of its own', (file) => {
    const source = readFileSync(join(root, file), 'utf8');
    expect(hardSentences(file.endsWith('.svelte') ? source : `<script lang="ts">${source}</script>`)).toEqual(
      [],
    );
  });

  /** Hosts speak to a terminal, in catalogues of their own. Not to it: names of folders, and what goes over HTTP. */
  const notToTerminal = /test|^words|data-dir|server\.ts|running-instance|local-socket/;
  const hosts = ['cli', 'gateway'].flatMap((host) =>
    readdirSync(join(root, '..', host), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !notToTerminal.test(path))
      .map((path) => join(root, '..', host, path)),
  );

  test.each(hosts.map((file) => relative(root, file)))('%s says nothing of its own', (file) => {
    const source = readFileSync(join(root, file), 'utf8').replace(/^#!.*/, '');
    const said = hardSentences(`<script lang="ts">${source}</script>`);
    expect(said.filter((text) => !['Homeport', 'Exit'].includes(text))).toEqual([]);
  });

  test('a sentence is found wherever it stands, but not what is thrown, logged or compared', () => {
    const found = (source: string) => hardSentences(`<script lang="ts">${source}</script>`);
    expect(found('const shown = $derived(ok ? "Saved" : "Not saved yet");')).toEqual([
      'Saved',
      'Not saved yet',
    ]);
    expect(found('element.title = "Close"; element.setAttribute("aria-label", `Close ${name}`);')).toEqual([
      'Close',
      'Close ',
    ]);
    expect(found('const text: Record<string, string> = { open: "Open it" };')).toEqual(['Open it']);
    expect(
      found('if (key === "Enter") throw new Error("No key"); console.warn("A key"); t(`x.${y}Help`);'),
    ).toEqual([]);
    expect(hardSentences('<button onclick={() => show("Saved")}></button>')).toEqual(['Saved']);
  });
});

const readAttributes = new Set([
  'aria-label',
  'title',
  'placeholder',
  'alt',
  'label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext',
  'text',
  'hint',
  'description',
  'confirmLabel',
]);
/** Properties of objects (a toast, a menu's line, a command) whose text a reader sees. */
const readProperties = new Set([
  'label',
  'title',
  'text',
  'detail',
  'hint',
  'description',
  'placeholder',
  'reason',
]);
const hasLetters = (text: string): boolean => /\p{L}{2,}/u.test(text);

/** Texts in a component's markup that a reader would see or hear and that do not come from the catalogues. */
function hardWords(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, spoken: boolean): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item, spoken);
      return;
    }
    if (typeof node !== 'object' || node === null || !('type' in node)) return;
    const typed = node as { type: string } & Record<string, unknown>;
    switch (typed.type) {
      case 'Text':
        if (hasLetters(String(typed['data']))) found.push(String(typed['data']).trim());
        return;
      case 'Literal':
        if (spoken && typeof typed['value'] === 'string' && hasLetters(typed['value']))
          found.push(typed['value']);
        return;
      case 'CallExpression':
        return;
      case 'BinaryExpression':
        // A comparison is not read out; texts that are put together are.
        if (typed['operator'] === '+') visit([typed['left'], typed['right']], spoken);
        return;
      case 'ConditionalExpression':
        visit([typed['consequent'], typed['alternate']], spoken);
        return;
      case 'Attribute':
        if (readAttributes.has(String(typed['name']))) visit(typed['value'], true);
        return;
      case 'ExpressionTag':
        visit(typed['expression'], true);
        return;
      case 'TemplateElement': {
        const { cooked } = typed['value'] as { cooked: string };
        if (spoken && hasLetters(cooked)) found.push(cooked);
        return;
      }
      case 'StyleDirective':
      case 'ClassDirective':
      case 'Comment':
      case 'StyleSheet':
      case 'Script':
        return;
      default:
        for (const [key, value] of Object.entries(typed)) {
          if (key !== 'type' && key !== 'start' && key !== 'end' && key !== 'expression_loc')
            visit(value, spoken);
        }
    }
  };
  const { fragment, instance }: AST.Root = parse(source, { modern: true });
  visit(fragment.nodes, false);
  found.push(...hardProperties(instance?.content));
  return found;
}

/** Texts of a program that stand as they are in properties which a reader sees. */
function hardProperties(program: unknown): string[] {
  const found: string[] = [];
  const texts = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as { type: string } & Record<string, unknown>;
    const { value: text } = node;
    // A key of the catalogues is how a text is named where it is not said yet.
    if (node.type === 'Literal' && typeof text === 'string' && hasLetters(text) && !(text in english)) {
      found.push(text);
    }
    if (node.type === 'TemplateLiteral') {
      for (const part of node['quasis'] as { value: { cooked: string } }[]) {
        if (hasLetters(part.value.cooked)) found.push(part.value.cooked);
      }
    }
    // What is said when it is asked for.
    if (node.type === 'ArrowFunctionExpression') texts(node['body']);
    if (node.type === 'ConditionalExpression') [node['consequent'], node['alternate']].forEach(texts);
    if (node.type === 'LogicalExpression' || (node.type === 'BinaryExpression' && node['operator'] === '+')) {
      [node['left'], node['right']].forEach(texts);
    }
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const node = value as Record<string, unknown>;
    if (node['type'] === 'Property' && readProperties.has(String((node['key'] as { name?: string }).name))) {
      texts(node['value']);
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(program);
  return found;
}

/** Texts of a component or module that begin as a sentence does, wherever a reader could come to see them. */
function hardSentences(source: string): string[] {
  const found: string[] = [];
  const isSentence = (text: unknown): text is string =>
    typeof text === 'string' && /^\p{Lu}\p{Ll}{2,}(?:\s|$)/u.test(text);
  const nameOf = (callee: unknown): string => {
    const node = callee as { name?: string; object?: { name?: string } } | undefined;
    return node?.object?.name ?? node?.name ?? '';
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const node = value as { type?: string } & Record<string, unknown>;
    switch (node.type) {
      case 'Literal':
        if (isSentence(node['value']) && !(node['value'] in english)) found.push(node['value']);
        return;
      case 'TemplateElement': {
        const { cooked } = node['value'] as { cooked: string };
        if (isSentence(cooked)) found.push(cooked);
        return;
      }
      case 'NewExpression':
        if (nameOf(node['callee']).endsWith('Error')) return;
        break;
      case 'CallExpression':
        if (['console', 'log', 't', 'tMaybe'].includes(nameOf(node['callee']))) return;
        break;
      case 'BinaryExpression':
        if (node['operator'] !== '+') return;
        break;
      case 'SwitchCase':
        visit(node['consequent']);
        return;
      case 'ImportDeclaration':
      case 'TSTypeAnnotation':
      case 'TSTypeAliasDeclaration':
      case 'TSInterfaceDeclaration':
      case 'StyleSheet':
      case 'Text':
        return;
      default:
        break;
    }
    for (const child of Object.values(node)) visit(child);
  };
  const { fragment, instance, module }: AST.Root = parse(source, { modern: true });
  visit([fragment.nodes, instance?.content, module?.content]);
  return found;
}

const wordsOfModule = (source: string): string[] =>
  hardProperties(parse(`<script lang="ts">${source}</script>`, { modern: true }).instance?.content);
