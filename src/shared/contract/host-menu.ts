import { z } from 'zod';
import { call, events } from './define.ts';

/** What a menu of the desktop can ask of the window itself, in Electron's words. */
export const menuRoles = [
  'undo',
  'redo',
  'cut',
  'copy',
  'paste',
  'selectAll',
  'minimize',
  'close',
  'quit',
  'togglefullscreen',
] as const;
export type MenuRole = (typeof menuRoles)[number];

/** A line of a menu: a command of the page by its id, a role, or a line that separates. */
export const menuLine = z.union([
  z.object({
    command: z.string().max(200),
    label: z.string().max(300),
    /** As Electron writes keys, such as `CmdOrCtrl+K`. */
    accelerator: z.string().max(40).optional(),
    /** The menu answers to the key; otherwise it only shows it, and the page answers. */
    ownsKey: z.boolean().default(false),
    checked: z.boolean().optional(),
  }),
  z.object({ role: z.enum(menuRoles), label: z.string().max(300) }),
  z.object({ separator: z.literal(true) }),
]);
export type MenuLine = z.input<typeof menuLine>;

export const hostMenu = z.object({
  label: z.string().max(100),
  lines: z.array(menuLine).max(120),
});
export type HostMenu = z.input<typeof hostMenu>;
export type ParsedHostMenu = z.output<typeof hostMenu>;

/** Names the page that makes a menu, so that what is chosen goes back to it. */
const page = z.string().min(8).max(64);

export const hostMenuProcedures = {
  'hostMenu.show': call({
    summary: "Make the desktop's menu from the commands of the page that has the focus",
    risk: 'change',
    surfaces: ['ui'],
    input: z.object({ page, menus: z.array(hostMenu).max(12) }),
    output: z.object({}),
  }),
  'hostMenu.chosen': events({
    summary: 'Commands that a person chose in the menu made by that page',
    risk: 'read',
    surfaces: ['ui'],
    input: z.object({ page }),
    output: z.object({ command: z.string() }),
  }),
};
