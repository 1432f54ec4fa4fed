import { z } from 'zod';
import { terminalStatuses } from '../domain/unions.ts';
import { bytes, call, events } from './define.ts';

const windows = ['ui', 'web'] as const;
const byId = z.object({ id: z.uuid() });
/** Cells; bounded so that no page can make a host lay out an absurd screen. */
const size = { columns: z.number().int().min(2).max(1000), rows: z.number().int().min(1).max(500) };

/** What is kept of a terminal: that it was, never what was in it. */
export const terminalSession = z.object({
  id: z.uuid(),
  machineId: z.uuid(),
  machineName: z.string(),
  username: z.string().nullable(),
  openedAt: z.string(),
  /** Null while it is open, and where Homeport ended before it could see the end. */
  closedAt: z.string().nullable(),
  status: z.enum(terminalStatuses),
});
export type TerminalSession = z.output<typeof terminalSession>;

export const terminalState = z.object({
  /** Whether terminals may be opened at all. */
  enabled: z.boolean(),
  /** Open ones and the last ended, newest first. */
  sessions: z.array(terminalSession),
});
export type TerminalState = z.output<typeof terminalState>;

export const terminalProcedures = {
  'terminals.open': call({
    summary: 'Open an interactive shell on a machine; its bytes are had by terminals.stream',
    risk: 'change',
    surfaces: windows,
    input: z.object({ machineId: z.uuid(), ...size }),
    output: z.object({ id: z.uuid(), username: z.string() }),
  }),
  'terminals.stream': bytes({
    summary:
      'What an open terminal shows, and what is typed into it; once each terminal, and it closes with this call',
    risk: 'change',
    surfaces: windows,
    input: byId,
  }),
  'terminals.resize': call({
    summary: 'Tell an open terminal its size',
    risk: 'change',
    surfaces: windows,
    input: byId.extend(size),
    output: z.object({}),
  }),
  'terminals.kill': call({
    summary: 'End an open terminal, whichever window it belongs to',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({}),
  }),
  'terminals.watch': events({
    summary: 'Whether terminals may be opened, and which are or were: now and at each change',
    risk: 'read',
    surfaces: windows,
    input: z.object({}),
    output: terminalState,
  }),
  'terminals.setEnabled': call({
    summary: 'Allow terminals or not; when they are not, open ones end',
    risk: 'change',
    surfaces: windows,
    input: z.object({ enabled: z.boolean() }),
    output: z.object({}),
  }),
};
