import type { z } from 'zod';

/** Who may call a procedure. `ui` = Electron window, `web` = browser host, `api` = local HTTP API, `mcp` = agents, `cli` = a terminal. */
export const surfaces = ['ui', 'web', 'api', 'mcp', 'cli'] as const;
export type Surface = (typeof surfaces)[number];

/** `read` changes nothing; `change` can be repeated or undone; `destructive` cannot. Drives confirmations, scopes and audit. */
export const risks = ['read', 'change', 'destructive'] as const;
export type Risk = (typeof risks)[number];

/**
 * `call`: one reply. `events`: an async iterable of values with credit by count. `bytes`: a byte stream in both
 * directions with credit by bytes.
 */
export type ProcedureKind = 'call' | 'events' | 'bytes';

interface Described<I extends z.ZodType> {
  readonly summary: string;
  readonly risk: Risk;
  readonly surfaces: readonly Surface[];
  readonly input: I;
}
export interface CallProcedure<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
> extends Described<I> {
  readonly kind: 'call';
  readonly output: O;
}
export interface EventsProcedure<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
> extends Described<I> {
  readonly kind: 'events';
  readonly output: O;
}
export interface BytesProcedure<I extends z.ZodType = z.ZodType> extends Described<I> {
  readonly kind: 'bytes';
}
export type Procedure = CallProcedure | EventsProcedure | BytesProcedure;
export type ContractShape = Readonly<Record<string, Procedure>>;

export const call = <I extends z.ZodType, O extends z.ZodType>(
  p: Omit<CallProcedure<I, O>, 'kind'>,
): CallProcedure<I, O> => ({ ...p, kind: 'call' });
export const events = <I extends z.ZodType, O extends z.ZodType>(
  p: Omit<EventsProcedure<I, O>, 'kind'>,
): EventsProcedure<I, O> => ({ ...p, kind: 'events' });
export const bytes = <I extends z.ZodType>(p: Omit<BytesProcedure<I>, 'kind'>): BytesProcedure<I> => ({
  ...p,
  kind: 'bytes',
});

/** What a handler knows about its caller. `signal` aborts when the caller cancels or its wire closes. */
export interface CallContext {
  readonly surface: Surface;
  readonly signal: AbortSignal;
}

/** A byte stream as a client sees it. Reading acknowledges: a reader that stops stops the sender. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  write(chunk: Uint8Array): void;
  /** Resolves when more may be written without piling up, and when the stream is over. */
  drained(): Promise<void>;
  /** Ends the upstream direction; the downstream goes on until the server ends it. */
  end(): void;
  close(): void;
}

type In<P extends Procedure> = z.input<P['input']>;
type Parsed<P extends Procedure> = z.output<P['input']>;
type Out<P extends Procedure> = P extends CallProcedure | EventsProcedure ? z.output<P['output']> : never;

export interface CallOptions {
  signal?: AbortSignal;
  /** `bytes` only: what the sender may have unacknowledged; default 100 KB (it goes on at half of it). */
  windowBytes?: number;
}

export type Client<C extends ContractShape> = {
  readonly [N in keyof C]: C[N] extends CallProcedure
    ? (input: In<C[N]>, options?: CallOptions) => Promise<Out<C[N]>>
    : C[N] extends EventsProcedure
      ? (input: In<C[N]>, options?: CallOptions) => AsyncIterable<Out<C[N]>>
      : (input: In<C[N]>, options?: CallOptions) => ByteStream;
};

export type Handlers<C extends ContractShape> = {
  readonly [N in keyof C]: C[N] extends CallProcedure
    ? (input: Parsed<C[N]>, context: CallContext) => Promise<Out<C[N]>> | Out<C[N]>
    : C[N] extends EventsProcedure
      ? (input: Parsed<C[N]>, context: CallContext) => AsyncIterable<Out<C[N]>>
      : (
          input: Parsed<C[N]>,
          context: CallContext,
          upstream: AsyncIterable<Uint8Array>,
        ) => AsyncIterable<Uint8Array>;
};
