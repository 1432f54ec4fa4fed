import { z } from 'zod';
import { AppError } from '../../shared/domain/errors.ts';

const variableSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('string'), default: z.string().optional() }),
  /** Letters, digits, `.`, `_` and `-`: nonces, ids. Never empty. */
  z.strictObject({ type: z.literal('token'), default: z.string().optional() }),
  z.strictObject({
    type: z.literal('integer'),
    min: z.int().optional(),
    max: z.int().optional(),
    default: z.int().optional(),
  }),
  z.strictObject({ type: z.literal('boolean'), default: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('enum'),
    values: z.array(z.string()).min(1),
    default: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('strings'), default: z.array(z.string()).optional() }),
]);
export type TemplateVariable = z.infer<typeof variableSchema>;

const manifestSchema = z.strictObject({
  summary: z.string().min(1),
  variables: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), variableSchema),
});
export type TemplateManifest = z.infer<typeof manifestSchema>;

export type TemplateValue = string | number | boolean | readonly string[];
export type TemplateVariables = Readonly<Record<string, TemplateValue>>;

const marker = '# homeport: ';

/**
 * Takes the JSON manifest from the comment lines `# homeport: …` at the head of a template.
 * @throws AppError internal when it is absent or not a manifest: then the template itself is wrong.
 */
export function readManifest(name: string, source: string): { manifest: TemplateManifest; body: string } {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith(marker));
  const text = lines
    .slice(0, end)
    .map((line) => line.slice(marker.length))
    .join('\n');
  try {
    return { manifest: manifestSchema.parse(JSON.parse(text)), body: lines.slice(end).join('\n') };
  } catch (error) {
    throw new AppError(
      'internal',
      `Template ${name} has no valid manifest`,
      { template: name },
      { cause: error },
    );
  }
}

/**
 * Checks the given values against the declaration and fills in defaults.
 * @throws AppError template_variable_missing, or invalid_input for an undeclared or mistyped one
 */
export function resolveVariables(
  name: string,
  manifest: TemplateManifest,
  given: Readonly<Record<string, unknown>>,
): Map<string, TemplateValue> {
  const declared = new Map(Object.entries(manifest.variables));
  for (const variable of Object.keys(given)) {
    if (!declared.has(variable)) {
      throw new AppError('invalid_input', `Template ${name} declares no variable ${variable}`, {
        template: name,
        variable,
      });
    }
  }
  const resolved = new Map<string, TemplateValue>();
  for (const [variable, declaration] of declared) {
    const value = Object.hasOwn(given, variable) ? given[variable] : undefined;
    const effective = value === undefined ? declaration.default : value;
    if (effective === undefined) {
      throw new AppError('template_variable_missing', `Template ${name} needs the variable ${variable}`, {
        template: name,
        variable,
      });
    }
    const accepted = accept(declaration, effective);
    if (accepted === undefined) {
      throw new AppError('invalid_input', `Variable ${variable} of template ${name} is not of its type`, {
        template: name,
        variable,
        type: declaration.type,
      });
    }
    resolved.set(variable, accepted);
  }
  return resolved;
}

/** The value when it is of the declared type, else undefined. Nothing is converted. */
function accept(declaration: TemplateVariable, value: unknown): TemplateValue | undefined {
  switch (declaration.type) {
    case 'string':
      return isShellString(value) ? value : undefined;
    case 'token':
      return typeof value === 'string' && /^[A-Za-z0-9._-]+$/.test(value) ? value : undefined;
    case 'enum':
      return typeof value === 'string' && declaration.values.includes(value) ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'integer':
      return typeof value === 'number' &&
        Number.isSafeInteger(value) &&
        value >= (declaration.min ?? -Infinity) &&
        value <= (declaration.max ?? Infinity)
        ? value
        : undefined;
    case 'strings':
      return Array.isArray(value) && value.every(isShellString) ? value : undefined;
  }
}

function isShellString(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
}
