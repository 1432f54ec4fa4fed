import type { ITerminalOptions } from '@xterm/xterm';
import type { TerminalLook } from '../../../shared/contract/terminal-look.ts';
import { themeOf } from './terminal-theme.ts';

/** What of the page's appearance a terminal follows. */
export interface Dress {
  readonly appearance: 'light' | 'dark';
  readonly zoomPercent: number;
}

const systemFont = "ui-monospace, 'Cascadia Mono', 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace";
const bundledFont = `'JetBrains Mono Variable', ${systemFont}`;
/** What the look calls the system's font. */
export const systemFontName = 'monospace';

function fontOf(family: string): string {
  const name = family.trim();
  if (name === '') return bundledFont;
  return name === systemFontName ? systemFont : `${name}, ${bundledFont}`;
}

/** xterm keeps three numbers of 32 bits for a cell, and some more for a line. */
const cellBytes = 12;
const lineBytes = 120;

/** How many older lines fit into the bytes that the person allows, at this width. */
export function scrollbackLines(look: Pick<TerminalLook, 'scrollbackMegabytes'>, columns: number): number {
  return Math.floor((look.scrollbackMegabytes * 1024 * 1024) / (columns * cellBytes + lineBytes));
}

export const optionsOf = (look: TerminalLook, { appearance, zoomPercent }: Dress): ITerminalOptions => ({
  fontFamily: fontOf(look.fontFamily),
  fontSize: Math.round((look.fontSizePx * zoomPercent) / 100),
  lineHeight: look.lineHeight,
  cursorStyle: look.cursorStyle,
  cursorBlink: look.cursorBlink,
  screenReaderMode: look.screenReader,
  theme: themeOf(look, appearance),
});
