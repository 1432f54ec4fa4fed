import type { ClientChannel } from 'ssh2';
import type { SshConnection } from './connection.ts';
import type { Deadline } from './deadline.ts';
import type { PoolContext } from './route.ts';
import { runScript } from './script-run.ts';
import { createMarks, loginCommand, type Marks } from './script-text.ts';
import { sudoPassword } from './sudo.ts';
import type { ExecRequest, ExecResult, SshTarget } from './types.ts';

const defaultMaxBytes = 32 * 1024 * 1024;

/** The connection broke before a session was open; `cause` is the AppError. */
export class NotStarted extends Error {}

/** A session in which the login shell starts our sh. */
export interface Begun {
  readonly channel: ClientChannel;
  readonly marks: Marks;
}

/** Opens a session for one script. @throws NotStarted when the connection was gone, else what SshPool.exec throws */
export async function beginOn(connection: SshConnection, deadline: Deadline): Promise<Begun> {
  const marks = createMarks();
  deadline.phase = 'session';
  const channel = await connection
    .session(loginCommand(marks), deadline.signal)
    .catch((error: unknown): never => {
      if (connection.lost === null) throw error;
      throw new NotStarted('The connection was gone', { cause: error });
    });
  return { channel, marks };
}

/** Runs one script in the session that was opened for it. @throws what SshPool.exec throws */
export function execIn(
  { channel, marks }: Begun,
  context: PoolContext,
  connection: SshConnection,
  target: SshTarget,
  request: ExecRequest,
  deadline: Deadline,
): Promise<ExecResult> {
  const maxBytes = request.maxBytes ?? defaultMaxBytes;
  return runScript({
    target,
    channel,
    marks,
    script: request.script,
    stdin: request.stdin ?? null,
    sudo:
      request.asRoot === true && target.username !== 'root'
        ? {
            memory: context.sudoMemory,
            password: () => sudoPassword(context.directory, target, request.reason),
          }
        : null,
    maxStdoutBytes: request.onStdout && request.maxBytes === undefined ? Infinity : maxBytes,
    maxStderrBytes: maxBytes,
    onStdout: request.onStdout ?? null,
    deadline,
    shellTimeoutMs: context.shellTimeoutMs,
    onLost: (callback) => connection.onLost(callback),
  });
}

/** Runs one script in a session of its own. @throws NotStarted, and what SshPool.exec throws */
export async function execOn(
  context: PoolContext,
  connection: SshConnection,
  target: SshTarget,
  request: ExecRequest,
  deadline: Deadline,
): Promise<ExecResult> {
  const begun = await beginOn(connection, deadline);
  return execIn(begun, context, connection, target, request, deadline);
}
