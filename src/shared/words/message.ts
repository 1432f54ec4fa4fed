/** A text, or one text per plural form; `count` chooses the form. Placeholders look like `{name}`. */
export interface PluralMessage {
  readonly one: string;
  readonly other: string;
}
export type Message = string | PluralMessage;
export type Catalogue = Readonly<Record<string, Message>>;
export type ParamValue = string | number;

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<M> = M extends string
  ? NamesIn<M>
  : M extends PluralMessage
    ? NamesIn<M['one']> | NamesIn<M['other']> | 'count'
    : never;
/** The parameters that a message needs, read from its own text. */
export type ParamsOf<M> = [NamesOf<M>] extends [never]
  ? []
  : [params: Readonly<Record<NamesOf<M>, ParamValue>>];

const pluralRules = new Map<string, Intl.PluralRules>();
const numberFormats = new Map<string, Intl.NumberFormat>();

/** The text of a message in a language. A placeholder without a value stays visible as `{name}`. */
export function render(
  message: Message,
  locale: string,
  params: Readonly<Record<string, ParamValue>>,
): string {
  let text: string;
  if (typeof message === 'string') text = message;
  else {
    let rules = pluralRules.get(locale);
    if (!rules) pluralRules.set(locale, (rules = new Intl.PluralRules(locale)));
    text = rules.select(Number(params['count'] ?? 0)) === 'one' ? message.one : message.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (typeof value === 'string') return value;
    let format = numberFormats.get(locale);
    if (!format) numberFormats.set(locale, (format = new Intl.NumberFormat(locale)));
    return format.format(value);
  });
}

/** Names of the placeholders of a message, sorted. */
export function placeholders(message: Message): string[] {
  const texts = typeof message === 'string' ? [message] : [message.one, message.other];
  const names = texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!));
  if (typeof message !== 'string') names.push('count');
  return [...new Set(names)].sort();
}
