import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mustache from 'mustache';
import { AppError } from '../../shared/domain/errors.ts';
import {
  readManifest,
  resolveVariables,
  type TemplateManifest,
  type TemplateValue,
  type TemplateVariables,
} from './manifest.ts';
import { quote, quoteWords } from './quote.ts';
import { sha256Hex } from './sha256.ts';

export interface RenderedTemplate {
  /** A POSIX sh script. */
  readonly script: string;
  /** Of the script's UTF-8 bytes, hexadecimal. */
  readonly sha256: string;
}

/**
 * Renders `<directory>/<name>.sh.mustache` with `<partial>.partial.sh.mustache` files beside it.
 * Every value is quoted here and nowhere else; nothing is rendered unless all variables are declared, present and typed.
 * @throws AppError not_found (no such template), template_variable_missing, invalid_input, internal (the template is wrong)
 */
export function renderTemplate(
  directory: string,
  name: string,
  variables: TemplateVariables,
): RenderedTemplate {
  const path = join(directory, name);
  let checked = checkedTemplates.get(path);
  if (!checked) {
    checked = checkTemplate(name, readTemplate(directory, name), (partial) =>
      readTemplate(directory, `${partial}.partial`),
    );
    checkedTemplates.set(path, checked);
  }
  return renderChecked(name, checked, variables);
}

interface CheckedTemplate {
  readonly manifest: TemplateManifest;
  readonly body: string;
  readonly partials: Readonly<Record<string, string>>;
}

/** The application's own templates are read and checked once a process; only their values change. */
const checkedTemplates = new Map<string, CheckedTemplate>();

/** What a template says about itself: summary and typed variables. */
export function describeTemplate(directory: string, name: string): TemplateManifest {
  return readManifest(name, readTemplate(directory, name)).manifest;
}

/** As renderTemplate, for a template that is not a file of ours; `partial` gives the source of a partial by name. */
export function renderTemplateSource(
  name: string,
  source: string,
  variables: Readonly<Record<string, unknown>>,
  partial: (partialName: string) => string = noPartials,
): RenderedTemplate {
  return renderChecked(name, checkTemplate(name, source, partial), variables);
}

function checkTemplate(
  name: string,
  source: string,
  partial: (partialName: string) => string,
): CheckedTemplate {
  const { manifest, body } = readManifest(name, source);
  return { manifest, body, partials: Object.fromEntries(checkSource(name, body, manifest, partial)) };
}

function renderChecked(
  name: string,
  { manifest, body, partials }: CheckedTemplate,
  variables: Readonly<Record<string, unknown>>,
): RenderedTemplate {
  const values = resolveVariables(name, manifest, variables);
  const script = mustache.render(body, Object.fromEntries(values), partials, { escape: shellWords });
  return { script, sha256: sha256Hex(script) };
}

function readTemplate(directory: string, name: string): string {
  if (!/^[a-z][a-z0-9_]*(\.partial)?$/.test(name)) {
    throw new AppError('not_found', `No template is called ${name}`, { template: name });
  }
  try {
    return readFileSync(join(directory, `${name}.sh.mustache`), 'utf8');
  } catch (error) {
    throw new AppError('not_found', `No template is called ${name}`, { template: name }, { cause: error });
  }
}

function noPartials(name: string): string {
  throw new AppError('internal', `There is no partial ${name}`);
}

function shellWords(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return quoteWords(value as Extract<TemplateValue, readonly string[]>);
}

/**
 * Where a value may stand. A quoted word is only safe where the shell reads a word: inside double quotes or a here-document
 * the quotes would be text and the value would be expanded. So a single value stands alone after an assignment's `=`, and
 * a list after `set --` or `for NAME in`.
 */
const scalarPlace = /^[ \t]*[A-Za-z_][A-Za-z0-9_]*=$/;
const listPlace = /^[ \t]*(set -- |for [A-Za-z_][A-Za-z0-9_]* in )$/;
const afterScalar = /^[ \t]*$/;
const afterList = /^([ \t]*$|; do\b)/;

/** Refuses a template with raw or undeclared values or with values in a place where quoting does not protect. */
function checkSource(
  name: string,
  body: string,
  manifest: TemplateManifest,
  partial: (partialName: string) => string,
): Map<string, string> {
  const partials = new Map<string, string>();
  const wrong = (why: string): AppError =>
    new AppError('internal', `Template ${name}: ${why}`, { template: name });

  const visit = (source: string): void => {
    for (const line of source.split('\n')) {
      for (const tag of line.matchAll(/\{\{(\{?)\s*([&=!>#^/]?)\s*([^}]*?)\s*\}\}/g)) {
        const [whole, brace, sigil = '', variable = ''] = tag;
        if (brace || sigil === '&' || sigil === '=') throw wrong(`raw tag ${whole}`);
        if (sigil === '!') continue;
        if (sigil === '>') {
          if (!partials.has(variable)) {
            const text = partial(variable);
            partials.set(variable, text);
            visit(text);
          }
          continue;
        }
        const declaration = Object.hasOwn(manifest.variables, variable)
          ? manifest.variables[variable]
          : undefined;
        if (!declaration) throw wrong(`undeclared variable ${variable}`);
        if (sigil !== '') {
          if (declaration.type !== 'boolean') throw wrong(`section on ${variable}, which is not a boolean`);
          continue;
        }
        const isList = declaration.type === 'strings';
        const before = line.slice(0, tag.index);
        const after = line.slice(tag.index + whole.length);
        const placed = isList
          ? listPlace.test(before) && afterList.test(after)
          : scalarPlace.test(before) && afterScalar.test(after);
        if (!placed) throw wrong(`${variable} stands where quoting does not protect it`);
      }
    }
  };
  visit(body);
  // A tag that the scan above did not see (one that spans lines, say) must not reach the renderer.
  for (const source of [body, ...partials.values()]) {
    const seen = source.replaceAll(/\{\{[ \t]*[!>#^/]?[^{}\n]*\}\}/g, '');
    if (seen.includes('{{') || seen.includes('}}')) throw wrong('a tag that cannot be read');
  }
  return partials;
}
