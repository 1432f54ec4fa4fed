import type { Catalogue, ParamValue } from './message.ts';

/**
 * Parameters of an error text: what the error carries, and a neutral wording (`error.fallback.<placeholder>`) for what
 * it does not, so that no text ever shows an empty hole.
 */
export function errorParams(
  catalogue: Catalogue,
  data: Record<string, unknown>,
  name?: string,
): Record<string, ParamValue> {
  const params: Record<string, ParamValue> = { ...fallbacksOf(catalogue) };
  if (name !== undefined) {
    params['name'] = name;
    params['hostname'] = name;
  }
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'string' && value !== '') params[key] = value;
    else if (typeof value === 'number') params[key] = String(value);
    else if (Array.isArray(value) && value.length > 0) params[key] = listed(value);
  }
  // A lock is held by a process; edited files are named with their package.
  const { command, pid, holder, files, path } = data;
  if (typeof holder !== 'string' && typeof command === 'string') {
    params['holder'] = typeof pid === 'number' ? `${command} (${pid})` : command;
  }
  if (typeof path !== 'string' && Array.isArray(files) && files.length > 0) {
    params['path'] = listed(files.map((file: { path?: unknown }) => file.path ?? file));
  }
  return params;
}

/** A fleet page words dozens of errors at once: the thousand messages are gone through once for each language. */
const known = new WeakMap<Catalogue, Record<string, string>>();
function fallbacksOf(catalogue: Catalogue): Record<string, string> {
  let fallbacks = known.get(catalogue);
  if (!fallbacks) {
    fallbacks = {};
    for (const [key, message] of Object.entries(catalogue)) {
      if (key.startsWith('error.fallback.') && typeof message === 'string')
        fallbacks[key.slice(15)] = message;
    }
    known.set(catalogue, fallbacks);
  }
  return fallbacks;
}

const listed = (values: readonly unknown[]): string => values.slice(0, 5).map(String).join(', ');
