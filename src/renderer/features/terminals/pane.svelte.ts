import type { ByteStream } from '../../../shared/contract/define.ts';
import type { DrawnScreen } from '../../../shared/contract/terminals.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { ring } from './bell.ts';
import { writeClipboard } from './clipboard.ts';
import { feed, terminalWindowBytes } from './feed.ts';
import { hostText } from './host-text.ts';
import { incompleteTail } from './incomplete.ts';
import { linkRequest } from './link.svelte.ts';
import { needsLook, readPaste, type Pasted } from './paste.ts';
import { createScreen, type Screen } from './screen.ts';
import { isAfterSleep, retryDelaysMs } from './sleep.ts';
import { terminalKey, type TerminalKey } from './terminal-keys.ts';

/** Resizing by dragging is a storm; the host is told of its end and a few times between. */
const resizeGapMs = 80;
/** What goes to another window: as much as is looked at again, and no more than the wire takes in a moment. */
const handedOver = { lines: 5_000, characters: 2 * 1024 * 1024 };
/** What is left behind when the page ends: it has no time. */
const leftBehind = { lines: 1_000, characters: 1024 * 1024 };

/** `ended`: the shell left. `lost`: the link went, or it could not be opened. `kept`: from before, not opened again yet. */
export type PaneStatus = 'connecting' | 'open' | 'ended' | 'lost' | 'kept';

/**
 * Ends whatever the last session left half-done on the screen, and keeps what is to be read: cancels an unfinished sequence,
 * leaves mouse reports and bracketed paste, shows the cursor, resets attributes, begins a line.
 */
const settleScreen =
  '\u0018\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[?25h\u001b[!p\u001b[0m\r\n';

/** What a pane is in: keys that mean more than this pane, and who else gets what is typed. */
export interface PaneHost {
  act(key: Exclude<TerminalKey, 'paste'>, pane: Pane): void;
  /** Which panes get what a person types into this one; itself first. */
  receivers(pane: Pane): readonly Pane[];
  /** Its shell came or went. */
  changed(pane: Pane): void;
}

export interface PaneOrigin {
  readonly machineId: string;
  readonly machineName: string;
  /** Of a former page of this window, or of another window. */
  readonly key?: string;
  readonly sessionId?: string | null;
}

/** One terminal: a screen that stays, and the session on the machine behind it, which may end and be opened again. */
export class Pane {
  readonly key: string;
  readonly machineId: string;
  readonly machineName: string;
  readonly screen: Screen;
  status = $state<PaneStatus>('connecting');
  error = $state.raw<AppError | null>(null);
  username = $state('');
  /** What the host calls its window; text of the host, made harmless. */
  title = $state('');
  /** It rang while it was not looked at. */
  hasRung = $state(false);
  isFlashing = $state(false);
  isSearching = $state(false);
  /** A paste that waits for an answer. */
  paste = $state.raw<Pasted | null>(null);
  #host: PaneHost;
  #stream: ByteStream | null = null;
  #opening: AbortController | null = null;
  #id = $state.raw<string | null>(null);
  /** Bytes of the session that the screen has, and the last of them. */
  #taken = 0;
  #last: Uint8Array = new Uint8Array();
  #resizeTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #retries = 0;
  /** Settles when nothing more comes of the session. */
  #following: Promise<void> = Promise.resolve();
  /** What is on the screen is not all that the program there has set. */
  #hasToRedraw = false;
  /** What the screen shows is what was kept of it last. */
  #isNewsKept = $state(true);
  #isResuming = false;
  #isClosed = false;
  #isLeaving = false;

  constructor(origin: PaneOrigin, host: PaneHost) {
    this.key = origin.key ?? crypto.randomUUID();
    this.machineId = origin.machineId;
    this.machineName = origin.machineName;
    this.#host = host;
    if (origin.key !== undefined) this.status = 'kept';
    const { terminal, zoomPercent } = preferences.value;
    this.screen = createScreen(
      $state.snapshot(terminal),
      { appearance: preferences.theme, zoomPercent },
      t('terminals.input', { name: origin.machineName }),
      {
        typed: (bytes, isKeys) => {
          for (const pane of isKeys ? host.receivers(this) : [this]) pane.send(bytes);
        },
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
        clipboard: (text) =>
          void writeClipboard(text, () => t('terminals.clipboardSet', { name: this.machineName })),
        selected: (text) => {
          if (preferences.value.terminal.copyOnSelect) void writeClipboard(text);
        },
        key: (event) => this.#key(event),
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
  /** Its session in the core, while it has one. */
  get sessionId(): string | null {
    return this.#id;
  }

  /** Opens a session on the machine; what the screen showed before stays above. */
  async connect(): Promise<void> {
    if (this.#isClosed || this.#isResuming || this.#stream || this.#opening) return;
    this.status = 'connecting';
    this.error = null;
    const opening = new AbortController();
    this.#opening = opening;
    try {
      const { cols, rows } = this.screen.terminal;
      const { id, username } = await api['terminals.open'](
        { machineId: this.machineId, columns: cols, rows },
        { signal: opening.signal },
      );
      this.#opening = null;
      await this.#followed(id, username, 0);
    } catch (error) {
      this.#over('lost', toAppError(error));
    }
  }

  /** Takes over the session that a former page or another window had. False when it is not there any more. */
  async resume(sessionId: string): Promise<boolean> {
    this.status = 'connecting';
    this.#isResuming = true;
    try {
      const { username, screen, at } = await api['terminals.attach']({ id: sessionId });
      if (screen) await this.screen.redraw(screen);
      this.#hasToRedraw = this.screen.terminal.buffer.active.type === 'alternate' || screen === null;
      void this.#followed(sessionId, username, at);
      return true;
    } catch (error) {
      const failure = toAppError(error);
      this.#over(
        failure.code === 'not_found' ? 'kept' : 'lost',
        failure.code === 'not_found' ? null : failure,
      );
      return false;
    } finally {
      this.#isResuming = false;
    }
  }

  #followed(id: string, username: string, from: number): Promise<void> {
    this.#following = this.#follow(id, username, from).catch((error: unknown) => {
      if (!this.#isLeaving) this.#over('lost', toAppError(error));
    });
    return this.#following;
  }

  async #follow(id: string, username: string, from: number): Promise<void> {
    const stream = api['terminals.stream']({ id, from }, { windowBytes: terminalWindowBytes });
    this.#id = id;
    this.#stream = stream;
    this.#taken = from;
    this.#last = new Uint8Array();
    this.username = username;
    this.#retries = 0;
    this.status = 'open';
    this.#host.changed(this);
    this.#tellSize();
    await feed(stream, {
      write: (bytes, taken) => {
        this.screen.write(bytes, () => {
          this.#taken += bytes.byteLength;
          this.#last = bytes;
          this.#isNewsKept = false;
          taken();
        });
      },
    });
    if (!this.#isLeaving) this.#over('ended', null);
  }

  /** The same pane with a new session. */
  reconnect(): Promise<void> {
    clearTimeout(this.#retryTimer);
    if (this.isLive) return Promise.resolve();
    const { terminal } = this.screen;
    // Only from there: leaving it also puts the cursor where it was when it was entered.
    if (terminal.buffer.active.type === 'alternate') terminal.write('\u0018\u001b[?1049l');
    terminal.write(settleScreen);
    return this.connect();
  }

  /** The computer slept: a link that broke over it is opened again, as long as it makes sense. */
  afterSleep(): void {
    const { reconnectAfterSleep } = preferences.value.terminal;
    if (!reconnectAfterSleep || this.status !== 'lost' || !this.error?.code.startsWith('ssh_')) return;
    const delay = retryDelaysMs[this.#retries];
    if (delay === undefined) return;
    this.#retries += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => void this.reconnect(), delay);
  }

  /** Types bytes as they are. */
  send(bytes: Uint8Array): void {
    this.#stream?.write(bytes);
  }

  /**
   * Lets go of the session so that another window can have it: all that came is on the screen, and the core has it.
   * @throws AppError when the core does not have the session any more
   */
  async handOver(): Promise<void> {
    const id = this.#id;
    if (id === null || !this.#stream) return;
    this.#isLeaving = true;
    this.#stream.end();
    await new Promise<void>((resolve) => {
      this.screen.terminal.write('', resolve);
    });
    await api['terminals.detach']({ id, ...this.#left(handedOver) });
    // What is still under way is the next window's as well; here it only has to be read.
    await this.#following;
    this.#stream = null;
  }

  /** The page ends now; what the core hears is that, and no answer is waited for. */
  leaveBehind(): void {
    const id = this.#id;
    if (id === null || !this.#stream) return;
    this.#isLeaving = true;
    api['terminals.detach']({ id, ...this.#left(leftBehind) }).catch(() => {
      // The page is gone before there is an answer; without it the core shows what it still has.
    });
  }

  /** It shows something else than when it was drawn to be kept. */
  get needsKeeping(): boolean {
    return !this.#isNewsKept;
  }
  drawToKeep(lines: number, characters: number): DrawnScreen {
    this.#isNewsKept = true;
    return this.screen.draw(lines, characters);
  }

  copy(): void {
    const text = this.screen.terminal.getSelection();
    if (text !== '') void writeClipboard(text);
  }

  /** Sends a paste that was looked at, to all that receive what is typed here. */
  confirmPaste(): void {
    const { paste } = this;
    this.paste = null;
    if (paste) for (const pane of this.#host.receivers(this)) pane.type(paste.text);
  }

  /** Types text as a paste: each program gets it as it asked for it. */
  type(text: string): void {
    // Bytes of a paste are a person's input to xterm, but they are for this pane alone.
    const { modes } = this.screen.terminal;
    const line = text.replace(/\n/g, '\r');
    this.send(new TextEncoder().encode(modes.bracketedPasteMode ? `\u001b[200~${line}\u001b[201~` : line));
    this.screen.terminal.scrollToBottom();
  }

  focus(): void {
    this.hasRung = false;
    this.screen.terminal.focus();
  }

  /** Ends the session, if it was not handed over, and takes the screen away. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#resizeTimer);
    clearTimeout(this.#retryTimer);
    this.#opening?.abort();
    this.#stream?.close();
    this.screen.dispose();
  }

  #left({ lines, characters }: { lines: number; characters: number }): { screen: DrawnScreen; at: number } {
    return { screen: this.screen.draw(lines, characters), at: this.#taken - incompleteTail(this.#last) };
  }

  #over(status: 'ended' | 'lost' | 'kept', error: AppError | null): void {
    this.#opening = null;
    this.#stream = null;
    this.#id = null;
    if (this.#isClosed) return;
    this.status = status;
    this.error = error;
    this.#host.changed(this);
    if (status === 'lost' && isAfterSleep()) this.afterSleep();
  }

  #pasted(text: string): void {
    const pasted = readPaste(text);
    if (pasted.text === '') return;
    const receivers = this.#host.receivers(this);
    const isBracketed = receivers.every((pane) => pane.screen.terminal.modes.bracketedPasteMode);
    const asks = needsLook(pasted, isBracketed && receivers.length === 1);
    if (asks) this.paste = pasted;
    else for (const pane of receivers) pane.type(pasted.text);
  }

  #rang(): void {
    const { bell } = preferences.value.terminal;
    if (bell === 'none') return;
    if (bell === 'sound') ring();
    if (!this.screen.element.contains(document.activeElement)) this.hasRung = true;
    this.isFlashing = true;
    setTimeout(() => (this.isFlashing = false), 150);
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
    const tell = async (columns: number, lines: number): Promise<void> => {
      await api['terminals.resize']({ id, columns, rows: lines });
    };
    const work = async (): Promise<void> => {
      // A program that fills the screen draws it anew when the size changes, and only then.
      if (this.#hasToRedraw) await tell(cols, Math.max(1, rows - 1));
      this.#hasToRedraw = false;
      await tell(cols, rows);
    };
    work().catch((error: unknown) => {
      // The session ended meanwhile: its stream tells of that.
      const { code } = toAppError(error);
      if (code !== 'not_found' && code !== 'disconnected') console.error('A size was not told', error);
    });
  }

  #key(event: KeyboardEvent): boolean {
    const key = terminalKey(event);
    if (key === null) return false;
    // The browser's own paste brings the text without a permission to read the clipboard.
    if (key === 'paste') return true;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === 'keydown') this.#host.act(key, this);
    return true;
  }
}
