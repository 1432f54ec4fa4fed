import type { SerializeAddon } from '@xterm/addon-serialize';
import type { Terminal } from '@xterm/xterm';
import type { DrawnScreen } from '../../../shared/contract/terminals.ts';

/** What programs have set that xterm's serializer leaves out. */
export interface Modes {
  /** Text that sets it again, to stand at the end of what is drawn. */
  text(): string;
}

/** How mouse reports are written; each replaces the others. */
const mouseEncodings = [1005, 1006, 1015, 1016];

/** Listens to what programs set; changes nothing. */
export function trackModes(terminal: Terminal): Modes {
  let mouseEncoding: number | null = null;
  let isCursorHidden = false;
  let region: readonly [number, number] | null = null;
  const set = (on: boolean) => (params: (number | number[])[]) => {
    for (const param of params) {
      if (param === 25) isCursorHidden = !on;
      else if (typeof param === 'number' && mouseEncodings.includes(param)) mouseEncoding = on ? param : null;
    }
    return false;
  };
  const forget = (): false => {
    mouseEncoding = null;
    isCursorHidden = false;
    region = null;
    return false;
  };
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, set(true));
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, set(false));
  terminal.parser.registerCsiHandler({ intermediates: '!', final: 'p' }, forget);
  terminal.parser.registerEscHandler({ final: 'c' }, forget);
  terminal.parser.registerCsiHandler({ final: 'r' }, ([top, bottom]) => {
    const from = typeof top === 'number' && top > 0 ? top : 1;
    const to = typeof bottom === 'number' && bottom > 0 ? bottom : terminal.rows;
    region = from === 1 && to >= terminal.rows ? null : [from, to];
    return false;
  });
  terminal.onResize(() => {
    region = null;
  });
  return {
    text() {
      const { cursorX, cursorY } = terminal.buffer.active;
      return [
        mouseEncoding === null ? '' : `\u001b[?${mouseEncoding}h`,
        // Setting the region moves the cursor.
        region === null ? '' : `\u001b[${region[0]};${region[1]}r\u001b[${cursorY + 1};${cursorX + 1}H`,
        isCursorHidden ? '\u001b[?25l' : '',
      ].join('');
    },
  };
}

/** The screen as text, with as many of the lines above as the limits allow. */
export function drawn(
  terminal: Terminal,
  serializer: SerializeAddon,
  modes: Modes,
  lines: number,
  mostCharacters: number,
): DrawnScreen {
  const size = { columns: terminal.cols, rows: terminal.rows };
  for (let scrollback = lines; ; scrollback = Math.floor(scrollback / 2)) {
    const text = serializer.serialize({ scrollback }) + modes.text();
    if (text.length <= mostCharacters) return { text, ...size };
    if (scrollback === 0) return { text: '', ...size };
  }
}
