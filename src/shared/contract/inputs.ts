import { z } from 'zod';
import { id, isoDate } from './models/common.ts';

/** Who may call a procedure, and inputs that many of them have. */

export const everywhere = ['ui', 'web', 'api', 'mcp', 'cli'] as const;
export const people = ['ui', 'web', 'api', 'cli'] as const;
/** Secrets and trust are set by a person at a window, never by an API client or an agent. */
export const windows = ['ui', 'web'] as const;
/** A person at a terminal of this computer as well. */
export const withTerminal = ['ui', 'web', 'cli'] as const;

export const none = z.object({});
export const byId = z.object({ id });
export const byMachine = z.object({ machineId: id });
/** Part of a list that is read from its newest on. */
export const page = {
  before: isoDate.optional(),
  limit: z.number().int().min(1).max(500).default(100),
};
