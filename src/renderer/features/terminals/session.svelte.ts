import type { ByteStream } from '../../../shared/contract/define.ts';
import type { FleetRow } from '../../../shared/contract/models.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';
import { overlays } from '../../lib/frame/overlays.svelte.ts';
import { t } from '../../lib/i18n/index.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { feed, terminalWindowBytes } from './feed.ts';
import { hostText } from './host-text.ts';
import { linkRequest } from './link.svelte.ts';
import { needsLook, readPaste, type Pasted } from './paste.ts';
import { createScreen, type Screen } from './screen.ts';
import { terminalKey, type TerminalKey } from './terminal-keys.ts';

/** Resizing by dragging is a storm; the host is told of its end and a few times between. */
const resizeGapMs = 80;

/** `ended`: the shell left. `lost`: the link went, or it could not be opened. */
export type TerminalStatus = 'connecting' | 'open' | 'ended' | 'lost';

/**
 * Ends whatever the last session left half-done on the screen, and keeps what is to be read: cancels an unfinished sequence,
 * leaves mouse reports and bracketed paste, shows the cursor, resets attributes, begins a line.
 */
const settleScreen =
  '\u0018\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[?25h\u001b[!p\u001b[0m\r\n';

/** Focus and tabs are the page's: a terminal only says that its keys were pressed. */
export interface TabKeys {
  leave(): void;
  step(by: 1 | -1): void;
}

/** One tab: a screen that stays, and the session on the machine behind it, which may end and be opened again. */
export class TerminalTab {
  readonly key = crypto.randomUUID();
  readonly machineId: string;
  readonly machineName: string;
  readonly screen: Screen;
  status = $state<TerminalStatus>('connecting');
  error = $state.raw<AppError | null>(null);
  /** What the host calls its window; text of the host, made harmless. */
  title = $state('');
  /** It rang while it was not looked at. */
  hasRung = $state(false);
  isFlashing = $state(false);
  isSearching = $state(false);
  /** A paste that waits for an answer. */
  paste = $state.raw<Pasted | null>(null);
  #stream: ByteStream | null = null;
  #opening: AbortController | null = null;
  #id: string | null = null;
  #resizeTimer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(row: Pick<FleetRow, 'id' | 'name'>, keys: TabKeys) {
    this.machineId = row.id;
    this.machineName = row.name;
    const { terminal, zoomPercent } = preferences.value;
    this.screen = createScreen(
      $state.snapshot(terminal),
      preferences.theme,
      zoomPercent,
      t('terminals.input', { name: row.name }),
      {
        typed: (bytes) => this.#stream?.write(bytes),
        resized: () => {
          this.#resized();
        },
        title: (text) => (this.title = hostText(text)),
        bell: () => {
          this.#rang();
        },
        link: (url) => {
          linkRequest.ask(url);
        },
        clipboard: (text) => void this.#copyFor(text),
        selected: (text) => {
          if (preferences.value.terminal.copyOnSelect) void writeClipboard(text);
        },
        key: (event) => this.#key(event, keys),
      },
    );
    this.screen.element.addEventListener(
      'paste',
      (event) => {
        event.preventDefault();
        event.stopPropagation();
        this.#pasted(event.clipboardData?.getData('text/plain') ?? '');
      },
      { capture: true },
    );
  }

  get isLive(): boolean {
    return this.status === 'open' || this.status === 'connecting';
  }

  /** Opens a session on the machine; what the screen showed before stays above. */
  async connect(): Promise<void> {
    if (this.#isClosed || this.#stream || this.#opening) return;
    this.status = 'connecting';
    this.error = null;
    const opening = new AbortController();
    this.#opening = opening;
    try {
      const { cols, rows } = this.screen.terminal;
      const { id } = await api['terminals.open'](
        { machineId: this.machineId, columns: cols, rows },
        { signal: opening.signal },
      );
      this.#opening = null;
      this.#id = id;
      const stream = api['terminals.stream']({ id }, { windowBytes: terminalWindowBytes });
      this.#stream = stream;
      this.status = 'open';
      this.#tellSize();
      await feed(stream, this.screen.terminal);
      this.#over('ended', null);
    } catch (error) {
      this.#over('lost', toAppError(error));
    }
  }

  /** The same tab with a new session. */
  reconnect(): Promise<void> {
    if (this.isLive) return Promise.resolve();
    const { terminal } = this.screen;
    // Only from there: leaving it also puts the cursor where it was when it was entered.
    if (terminal.buffer.active.type === 'alternate') terminal.write('\u0018\u001b[?1049l');
    terminal.write(settleScreen);
    return this.connect();
  }

  copy(): void {
    const text = this.screen.terminal.getSelection();
    if (text !== '') void writeClipboard(text);
  }

  /** Sends a paste that was looked at. */
  confirmPaste(): void {
    const { paste } = this;
    this.paste = null;
    if (paste) this.screen.terminal.paste(paste.text);
  }

  focus(): void {
    this.hasRung = false;
    this.screen.terminal.focus();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#resizeTimer);
    this.#opening?.abort();
    this.#stream?.close();
    this.screen.dispose();
  }

  #over(status: 'ended' | 'lost', error: AppError | null): void {
    this.#opening = null;
    this.#stream = null;
    this.#id = null;
    if (this.#isClosed) return;
    this.status = status;
    this.error = error;
  }

  #pasted(text: string): void {
    const pasted = readPaste(text);
    if (pasted.text === '') return;
    if (needsLook(pasted, this.screen.terminal.modes.bracketedPasteMode)) this.paste = pasted;
    else this.screen.terminal.paste(pasted.text);
  }

  #rang(): void {
    if (preferences.value.terminal.bell === 'none') return;
    if (!this.screen.element.contains(document.activeElement)) this.hasRung = true;
    this.isFlashing = true;
    setTimeout(() => (this.isFlashing = false), 150);
  }

  async #copyFor(text: string): Promise<void> {
    if (await writeClipboard(text)) {
      toasts.show({ tone: 'info', text: () => t('terminals.clipboardSet', { name: this.machineName }) });
    }
  }

  #resized(): void {
    this.#resizeTimer ??= setTimeout(() => {
      this.#resizeTimer = undefined;
      this.#tellSize();
    }, resizeGapMs);
  }

  #tellSize(): void {
    const id = this.#id;
    if (id === null) return;
    const { cols, rows } = this.screen.terminal;
    api['terminals.resize']({ id, columns: cols, rows }).catch((error: unknown) => {
      // The session ended meanwhile: its stream tells of that.
      const { code } = toAppError(error);
      if (code !== 'not_found' && code !== 'disconnected') console.error('A size was not told', error);
    });
  }

  #key(event: KeyboardEvent, keys: TabKeys): boolean {
    const key = terminalKey(event);
    if (key === null) return false;
    // The browser's own paste brings the text without a permission to read the clipboard.
    if (key === 'paste') return true;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === 'keydown') this.#act(key, keys);
    return true;
  }

  #act(key: Exclude<TerminalKey, 'paste'>, keys: TabKeys): void {
    const { fontSizePx } = preferences.value.terminal;
    if (key === 'copy') this.copy();
    else if (key === 'search') this.isSearching = true;
    else if (key === 'leave') keys.leave();
    else if (key === 'next') keys.step(1);
    else if (key === 'previous') keys.step(-1);
    else if (key === 'palette') overlays.palette = true;
    else setFontSize(fontSizePx + (key === 'larger' ? 1 : -1));
  }
}

export function setFontSize(fontSizePx: number): void {
  const bounded = Math.min(32, Math.max(8, fontSizePx));
  void preferences.set({ terminal: { ...preferences.value.terminal, fontSizePx: bounded } });
}

/** Whether it was taken; a refusal is said. */
async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    console.warn('The clipboard refused', error);
    toasts.show({ tone: 'warning', text: () => t('common.copyRefused') });
    return false;
  }
}
