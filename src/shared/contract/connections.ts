import { z } from 'zod';
import { call, events } from './define.ts';
import { windows } from './inputs.ts';

/** ServerAliveInterval and ServerAliveCountMax of OpenSSH (ssh_config(5)), for every connection that Homeport opens. */
export const keepAlive = z.object({
  /** Seconds of silence after which the machine is asked for a sign of life; 0: never. */
  intervalSeconds: z.number().int().min(0).max(600),
  /** So many questions without an answer, and the connection counts as lost. */
  countMax: z.number().int().min(1).max(20),
});
export type KeepAlive = z.output<typeof keepAlive>;
export const defaultKeepAlive: KeepAlive = { intervalSeconds: 5, countMax: 3 };

export const connectionProcedures = {
  'connections.watch': events({
    summary: 'How connections are kept alive: now and at each change',
    risk: 'read',
    surfaces: windows,
    input: z.object({}),
    output: z.object({ keepAlive }),
  }),
  'connections.setKeepAlive': call({
    summary:
      'Change how connections are kept alive, as far as it is named; those that are open stay as they are',
    risk: 'change',
    surfaces: windows,
    input: keepAlive.partial(),
    output: z.object({}),
  }),
};
