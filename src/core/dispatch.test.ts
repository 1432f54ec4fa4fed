import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { bytes, call, events, type CallContext, type ContractShape } from '../shared/contract/define.ts';
import { AppError } from '../shared/domain/errors.ts';
import { createDispatch, type Running } from './dispatch.ts';

const contract = {
  'secrets.set': call({
    summary: 'Sets a secret',
    risk: 'change',
    surfaces: ['ui'],
    input: z.object({ name: z.string(), secret: z.string().max(8) }),
    output: z.object({ name: z.string() }),
  }),
  'numbers.count': events({
    summary: 'Counts',
    risk: 'read',
    surfaces: ['ui'],
    input: z.object({}),
    output: z.object({ n: z.number() }),
  }),
  'bytes.echo': bytes({ summary: 'Echoes', risk: 'read', surfaces: ['ui'], input: z.object({}) }),
} satisfies ContractShape;

const context = (surface: CallContext['surface'] = 'ui', signal?: AbortSignal): CallContext => ({
  surface,
  signal: signal ?? new AbortController().signal,
});

function setUp(set: (input: { name: string; secret: string }) => unknown = ({ name }) => ({ name })) {
  const log = vi.fn();
  const dispatch = createDispatch(
    contract,
    {
      'secrets.set': (input) => set(input) as { name: string },
      'numbers.count': async function* () {
        yield { n: 1, hidden: 'x' } as { n: number };
        throw new Error('/etc/shadow');
      },
      'bytes.echo': (_input, _context, upstream) => upstream,
    },
    { log },
  );
  return { dispatch, log };
}

const reply = (running: Running): Promise<unknown> => {
  if (running.kind !== 'call') throw new Error('not a call');
  return running.reply;
};
const codeOf = (start: () => unknown): AppError => {
  try {
    start();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('nothing was thrown');
};

describe('the gate', () => {
  test('runs a valid call and drops what the contract does not promise', async () => {
    const { dispatch } = setUp(({ name }) => ({ name, secret: 'leak' }));
    await expect(reply(dispatch('secrets.set', { name: 'a', secret: 's' }, context()))).resolves.toEqual({
      name: 'a',
    });
  });

  test.each(['nothing.here', 'toString', '__proto__', 'constructor', 'hasOwnProperty', ''])(
    'does not know %j',
    (name) => {
      expect(codeOf(() => setUp().dispatch(name, {}, context())).code).toBe('not_found');
    },
  );

  test('refuses a procedure that has no handler', () => {
    const dispatch = createDispatch(contract, {} as never, { log: () => undefined });
    expect(codeOf(() => dispatch('secrets.set', { name: 'a', secret: 's' }, context())).code).toBe(
      'not_found',
    );
  });

  test('refuses other surfaces before it looks at the input', () => {
    const run = vi.fn();
    expect(codeOf(() => setUp(run).dispatch('secrets.set', null, context('mcp'))).code).toBe('not_allowed');
    expect(run).not.toHaveBeenCalled();
  });

  test('names what is wrong with an input, not what it held', () => {
    const run = vi.fn();
    const error = codeOf(() =>
      setUp(run).dispatch('secrets.set', { name: 'a', secret: 'correct horse battery' }, context()),
    );
    expect(error.code).toBe('invalid_input');
    expect(error.data['issues']).toEqual([expect.objectContaining({ path: 'secret', code: 'too_big' })]);
    expect(JSON.stringify(error.toWire())).not.toContain('horse');
    expect(run).not.toHaveBeenCalled();
  });

  test('passes a coded error on', async () => {
    const { dispatch, log } = setUp(() => {
      throw new AppError('conflict', 'Taken', { name: 'a' });
    });
    await expect(reply(dispatch('secrets.set', { name: 'a', secret: 's' }, context()))).rejects.toMatchObject(
      {
        code: 'conflict',
        data: { name: 'a' },
      },
    );
    expect(log).not.toHaveBeenCalled();
  });

  test('keeps an unknown error inside, under a reference', async () => {
    const cause = new Error('password=hunter2');
    const { dispatch, log } = setUp(() => {
      throw cause;
    });
    const error = await reply(dispatch('secrets.set', { name: 'a', secret: 's' }, context())).catch(
      (e: unknown) => e as AppError,
    );
    expect(error).toMatchObject({ code: 'internal', message: 'Internal error' });
    expect(JSON.stringify((error as AppError).toWire())).not.toContain('hunter2');
    expect(log).toHaveBeenCalledExactlyOnceWith(
      expect.any(String),
      expect.objectContaining({ error: cause, reference: (error as AppError).data['reference'] }),
    );
  });

  test('treats an answer outside the contract as a bug of the handler', async () => {
    const { dispatch, log } = setUp(() => ({ name: 7 }));
    await expect(reply(dispatch('secrets.set', { name: 'a', secret: 's' }, context()))).rejects.toMatchObject(
      {
        code: 'internal',
      },
    );
    expect(log).toHaveBeenCalledOnce();
  });

  test('calls an abort of its caller cancelled', async () => {
    const abort = new AbortController();
    const { dispatch, log } = setUp(() => {
      abort.abort();
      throw abort.signal.reason;
    });
    const running = dispatch('secrets.set', { name: 'a', secret: 's' }, context('ui', abort.signal));
    await expect(reply(running)).rejects.toMatchObject({ code: 'cancelled' });
    expect(log).not.toHaveBeenCalled();
  });

  test('checks each event and seals the failure of a stream', async () => {
    const { dispatch } = setUp();
    const running = dispatch('numbers.count', {}, context());
    if (running.kind !== 'events') throw new Error('not events');
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const value of running.values) seen.push(value);
    };
    await expect(read()).rejects.toMatchObject({ code: 'internal', message: 'Internal error' });
    expect(seen).toEqual([{ n: 1 }]);
  });

  test('gives a byte procedure an empty upstream when the caller has none', async () => {
    const running = setUp().dispatch('bytes.echo', {}, context());
    if (running.kind !== 'bytes') throw new Error('not bytes');
    const chunks: Uint8Array[] = [];
    for await (const chunk of running.chunks) chunks.push(chunk);
    expect(chunks).toEqual([]);
  });
});
