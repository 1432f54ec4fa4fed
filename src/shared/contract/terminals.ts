import { z } from 'zod';
import { snippetFault } from '../domain/snippet.ts';
import { terminalStatuses } from '../domain/unions.ts';
import { bytes, call, events } from './define.ts';
import { windows, none, byId } from './inputs.ts';
import { terminalLayout } from './terminal-windows.ts';

/** Cells; bounded so that no page can make a host lay out an absurd screen. */
const size = { columns: z.number().int().min(2).max(1000), rows: z.number().int().min(1).max(500) };
/** A screen as text that draws it again, with colours and some of what was above, in a terminal of that size. */
export const drawnScreen = z.object({ text: z.string().max(2 * 1024 * 1024), ...size });
export type DrawnScreen = z.output<typeof drawnScreen>;
/** What is stored of one is less: it is encrypted and written again and again. */
const storedScreen = drawnScreen.extend({ text: z.string().max(512 * 1024) });

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

/** A command with a name; `{{names}}` in it are asked for and put in as one quoted word each. */
export const snippet = z.object({
  id: z.uuid(),
  name: z.string().trim().min(1).max(80),
  body: z
    .string()
    .trim()
    .min(1)
    .max(10_000)
    .refine((body) => snippetFault(body) === null, 'A value could not be quoted safely in it'),
});
export type Snippet = z.output<typeof snippet>;

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
      'What an open terminal shows, and what is typed into it; one reader at a time. It closes when this call is cancelled',
    risk: 'change',
    surfaces: windows,
    input: byId.extend({ from: z.number().int().min(0).default(0) }),
  }),
  'terminals.detach': call({
    summary: 'Let go of an open terminal: it waits a minute for another window, which gets this screen',
    risk: 'change',
    surfaces: windows,
    input: byId.extend({ screen: drawnScreen, at: z.number().int().min(0) }),
    output: none,
  }),
  'terminals.attach': call({
    summary: 'Take over a terminal that another window let go or is about to; read it on from the byte said',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: z.object({ username: z.string(), screen: drawnScreen.nullable(), at: z.number().int() }),
  }),
  'terminals.resize': call({
    summary: 'Tell an open terminal its size',
    risk: 'change',
    surfaces: windows,
    input: byId.extend(size),
    output: none,
  }),
  'terminals.kill': call({
    summary: 'End an open terminal, whichever window it belongs to',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: none,
  }),
  'terminals.watch': events({
    summary: 'Whether terminals may be opened, and which are or were: now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: terminalState,
  }),
  'terminals.setEnabled': call({
    summary: 'Allow terminals or not; when they are not, open ones end',
    risk: 'change',
    surfaces: windows,
    input: z.object({ enabled: z.boolean() }),
    output: none,
  }),
  'terminals.window': events({
    summary:
      'Says that a window is there, for as long as it listens; gives the layouts that it takes up: its own, and for a main window those of windows that are gone, then those that are given back to it',
    risk: 'change',
    surfaces: windows,
    input: z.object({ windowId: z.uuid(), kind: z.enum(['main', 'own']) }),
    output: z.object({
      /** Another window has this id: a copied browser tab. Take a new one. */
      isTaken: z.boolean(),
      /** Another window gives these back; the window has others already. */
      isGiven: z.boolean(),
      layouts: z.array(terminalLayout),
    }),
  }),
  'terminals.giveBack': call({
    summary: 'Give tabs of a window of their own to the main window that came last; their shells go on',
    risk: 'change',
    surfaces: windows,
    input: z.object({ layout: terminalLayout }),
    output: none,
  }),
  'terminals.keepLayout': call({
    summary: 'Keep which terminals a window has and how they lie; without tabs it is forgotten',
    risk: 'change',
    surfaces: windows,
    input: z.object({ windowId: z.uuid(), layout: terminalLayout }),
    output: none,
  }),
  'terminals.keepScreens': call({
    summary: 'Keep, encrypted, what panes show; refused unless the preference allows it',
    risk: 'change',
    surfaces: windows,
    input: z.object({
      windowId: z.uuid(),
      screens: z.array(z.object({ key: z.uuid(), machineId: z.uuid(), screen: storedScreen })).max(200),
    }),
    output: none,
  }),
  'terminals.screens': call({
    summary: 'What these panes showed when it was last kept; those of which nothing is kept are left out',
    risk: 'read',
    surfaces: windows,
    input: z.object({ keys: z.array(z.uuid()).max(500) }),
    output: z.object({ screens: z.array(z.object({ key: z.uuid(), screen: drawnScreen })) }),
  }),
  'snippets.watch': events({
    summary: 'All snippets by name, now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: z.array(snippet),
  }),
  'snippets.save': call({
    summary: 'Save a snippet; with an id, that one is changed (or put back after it was removed)',
    risk: 'change',
    surfaces: windows,
    input: snippet.partial({ id: true }),
    output: snippet,
  }),
  'snippets.remove': call({
    summary: 'Remove a snippet',
    risk: 'change',
    surfaces: windows,
    input: byId,
    output: none,
  }),
};
