import { z } from 'zod';

export const darkTerminalThemes = ['homeport', 'night', 'forest', 'contrast'] as const;
export const lightTerminalThemes = ['homeport', 'paper', 'contrast'] as const;

const fields = {
  fontSizePx: z.number().int().min(8).max(32),
  /** Of the local computer, as CSS writes it; empty = the bundled one, `monospace` = the system's. */
  fontFamily: z.string().max(200),
  lineHeight: z.number().min(1).max(2),
  darkTheme: z.enum(darkTerminalThemes),
  lightTheme: z.enum(lightTerminalThemes),
  cursorStyle: z.enum(['block', 'bar', 'underline']),
  cursorBlink: z.boolean(),
  /** What a terminal may keep of older lines, in memory; how many lines that is depends on their width. */
  scrollbackMegabytes: z.number().int().min(1).max(64),
  copyOnSelect: z.boolean(),
  bell: z.enum(['none', 'visual', 'sound']),
  /** Titles that programs give their window (OSC 0 and 2) are shown in the tab. */
  showTitles: z.boolean(),
  /** A program on the machine may put text into the clipboard here (OSC 52); reading it is never possible. */
  allowClipboardWrite: z.boolean(),
  screenReader: z.boolean(),
  renderer: z.enum(['auto', 'dom']),
  /** Links that broke while this computer slept are opened again by themselves. */
  reconnectAfterSleep: z.boolean(),
  /** What terminals showed is kept, encrypted, and shown again after a restart. */
  keepScreens: z.boolean(),
};

/** How terminals look and behave. What came later has a default of its own, so that older choices stay. */
export const terminalLook = z.object({
  ...fields,
  lineHeight: fields.lineHeight.default(1.15),
  darkTheme: fields.darkTheme.default('homeport'),
  lightTheme: fields.lightTheme.default('homeport'),
  cursorStyle: fields.cursorStyle.default('block'),
  scrollbackMegabytes: fields.scrollbackMegabytes.default(8),
  showTitles: fields.showTitles.default(true),
  reconnectAfterSleep: fields.reconnectAfterSleep.default(true),
  keepScreens: fields.keepScreens.default(false),
});
/** What is to change; the rest stays as it is. */
export const terminalLookPatch = z.object(fields).partial();
export type TerminalLook = z.output<typeof terminalLook>;

export const defaultTerminalLook: TerminalLook = {
  fontSizePx: 14,
  fontFamily: '',
  lineHeight: 1.15,
  darkTheme: 'homeport',
  lightTheme: 'homeport',
  cursorStyle: 'block',
  cursorBlink: true,
  scrollbackMegabytes: 8,
  copyOnSelect: false,
  bell: 'visual',
  showTitles: true,
  allowClipboardWrite: false,
  screenReader: false,
  renderer: 'auto',
  reconnectAfterSleep: true,
  keepScreens: false,
};
