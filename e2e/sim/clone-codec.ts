export interface Base64 {
  encode(bytes: Uint8Array): string;
  decode(text: string): Uint8Array;
}

/**
 * Values of the structured clone algorithm as JSON text and back, for the DevTools protocol, which carries text only. The
 * function's own source is run in the page as well, so it uses nothing from outside itself.
 */
export function makeCloneCodec(base64: Base64) {
  type Tagged = Record<string, unknown>;
  const tag = '$clone';

  const encodeNode = (value: unknown): unknown => {
    if (value === undefined) return { [tag]: 'undefined' };
    if (typeof value === 'bigint') return { [tag]: 'bigint', value: String(value) };
    if (typeof value === 'number' && !Number.isFinite(value))
      return { [tag]: 'number', value: String(value) };
    if (value === null || typeof value !== 'object') return value;
    if (value instanceof Uint8Array) return { [tag]: 'bytes', value: base64.encode(value) };
    if (value instanceof ArrayBuffer) return { [tag]: 'buffer', value: base64.encode(new Uint8Array(value)) };
    if (value instanceof Date) return { [tag]: 'date', value: value.getTime() };
    if (value instanceof Map) {
      return { [tag]: 'map', value: [...value].map((entry) => entry.map(encodeNode)) };
    }
    if (value instanceof Set) return { [tag]: 'set', value: [...value].map(encodeNode) };
    if (value instanceof Error) return { [tag]: 'error', name: value.name, message: value.message };
    if (ArrayBuffer.isView(value)) throw new Error('Only Uint8Array views are simulated');
    if (Array.isArray(value)) return value.map(encodeNode);
    const entries = Object.entries(value).map(([key, item]) => [key, encodeNode(item)]);
    const plain = Object.fromEntries(entries) as Tagged;
    return tag in plain ? { [tag]: 'object', value: plain } : plain;
  };

  const decodeNode = (node: unknown): unknown => {
    if (node === null || typeof node !== 'object') return node;
    if (Array.isArray(node)) return node.map(decodeNode);
    const { value, ...rest } = node as { value?: unknown } & Tagged;
    switch (rest[tag]) {
      case 'undefined':
        return undefined;
      case 'bigint':
        return BigInt(value as string);
      case 'number':
        return Number(value);
      case 'bytes':
        return base64.decode(value as string);
      case 'buffer':
        return base64.decode(value as string).buffer;
      case 'date':
        return new Date(value as number);
      case 'map':
        return new Map((value as unknown[][]).map((entry) => entry.map(decodeNode) as [unknown, unknown]));
      case 'set':
        return new Set((value as unknown[]).map(decodeNode));
      case 'error':
        return Object.assign(new Error(rest['message'] as string), { name: rest['name'] });
      case 'object':
        node = value;
        break;
      default:
        break;
    }
    const entries = Object.entries(node as Tagged).map(([key, item]) => [key, decodeNode(item)]);
    return Object.fromEntries(entries);
  };

  return {
    encode: (value: unknown): string => JSON.stringify(encodeNode(value)),
    decode: (text: string): unknown => decodeNode(JSON.parse(text)),
  };
}

/** The codec of the Node side. Encoding clones first, so that what cannot be cloned throws as it does in Electron. */
const nodeCodec = makeCloneCodec({
  encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
});
export const encodeClone = (value: unknown): string => nodeCodec.encode(structuredClone(value));
export const decodeClone = (text: string): unknown => nodeCodec.decode(text);
