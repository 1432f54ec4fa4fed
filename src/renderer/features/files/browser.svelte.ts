import type { FileEntry } from '../../../shared/contract/files.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';
import { arrange, rowByLetters, type Sorting, type SortKey } from './listing.ts';
import { nameOf, parentOf } from './names.ts';
import { chosen, stillThere, toggled, type Selection } from './selection.ts';

interface Place {
  readonly path: string;
  readonly home: string;
  readonly space: { freeBytes: number; totalBytes: number; isReadOnly: boolean } | null;
}

/** One directory of a machine as a window shows it, and the way there. */
export class FileBrowser {
  readonly machineId: string;
  place = $state.raw<Place | null>(null);
  entries = $state.raw<readonly FileEntry[]>([]);
  isReading = $state(false);
  error = $state.raw<AppError | null>(null);
  sorting = $state.raw<Sorting>({ key: 'name', descending: false });
  showHidden = $state(false);
  filter = $state('');
  /** Names that are chosen. */
  selected = $state.raw<Selection>(chosen());
  /** The row that the keyboard is on. */
  active = $state(-1);
  /** Where a range began. */
  #anchor = -1;
  #past = $state.raw<readonly string[]>([]);
  #reading: AbortController | null = null;

  constructor(machineId: string) {
    this.machineId = machineId;
  }

  readonly shown = $derived(
    arrange(this.entries, this.sorting, { showHidden: this.showHidden, filter: this.filter }),
  );
  get path(): string {
    return this.place?.path ?? '';
  }
  get canGoBack(): boolean {
    return this.#past.length > 0;
  }
  get hiddenCount(): number {
    return this.showHidden ? 0 : this.entries.filter(({ name }) => name.startsWith('.')).length;
  }
  get selection(): FileEntry[] {
    return this.shown.filter(({ name }) => this.selected.has(name));
  }

  /** Shows another directory; the row of `focusName` gets the keyboard. */
  async open(path: string, focusName?: string): Promise<void> {
    const before = this.place?.path;
    if (await this.#read(path, focusName)) {
      this.filter = '';
      if (before !== undefined && before !== this.path) this.#past = [...this.#past, before].slice(-100);
    }
  }
  async back(): Promise<void> {
    const to = this.#past.at(-1);
    if (to === undefined) return;
    this.#past = this.#past.slice(0, -1);
    await this.#read(to, nameOf(this.path));
  }
  up(): Promise<void> {
    return this.path === '/' || this.path === ''
      ? Promise.resolve()
      : this.open(parentOf(this.path), nameOf(this.path));
  }
  /** Reads the same directory again and keeps what is chosen. */
  async refresh(focusName?: string): Promise<void> {
    const kept = this.selected;
    const name = focusName ?? this.shown[this.active]?.name;
    if (await this.#read(this.path, name)) {
      this.selected = stillThere(
        kept,
        this.entries.map((entry) => entry.name),
      );
    }
  }
  close(): void {
    this.#reading?.abort();
  }

  async #read(path: string, focusName: string | undefined): Promise<boolean> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.isReading = true;
    this.error = null;
    const isMine = (): boolean => this.#reading === reading;
    try {
      const found: FileEntry[] = [];
      let place: Place | null = null;
      let shownAtMs = 0;
      for await (const piece of api['files.list'](
        { machineId: this.machineId, path },
        { signal: reading.signal },
      )) {
        if (!isMine()) return false;
        if (piece.type === 'directory') place = piece;
        else found.push(...piece.entries);
        // The first rows at once, a long list a few times on its way.
        const isElsewhere = place !== null && place.path !== this.place?.path;
        if (place === null || !isElsewhere || performance.now() - shownAtMs < 400 || found.length === 0)
          continue;
        shownAtMs = performance.now();
        this.#show(place, found);
      }
      if (!isMine() || place === null) return false;
      this.#show(place, found);
      const at = focusName === undefined ? -1 : this.shown.findIndex(({ name }) => name === focusName);
      this.active = at >= 0 ? at : Math.min(0, this.shown.length - 1);
      return true;
    } catch (thrown) {
      if (isMine()) this.error = toAppError(thrown);
      return false;
    } finally {
      if (isMine()) this.isReading = false;
    }
  }
  #show(place: Place, found: readonly FileEntry[]): void {
    if (place.path !== this.place?.path) {
      this.selected = chosen();
      this.active = -1;
      this.#anchor = -1;
    }
    this.place = place;
    this.entries = [...found];
  }

  sortBy(key: SortKey): void {
    const { sorting } = this;
    this.sorting = { key, descending: sorting.key === key ? !sorting.descending : key === 'modified' };
  }

  /** Puts the keyboard on a row: alone, added to what is chosen, or with all rows from where the range began. */
  choose(index: number, how: 'alone' | 'toggle' | 'range' | 'move'): void {
    const { shown } = this;
    const at = Math.max(0, Math.min(shown.length - 1, index));
    const name = shown[at]?.name;
    if (name === undefined) return;
    this.active = at;
    if (how === 'range') {
      if (this.#anchor < 0) this.#anchor = at;
      const [from, to] = [Math.min(this.#anchor, at), Math.max(this.#anchor, at)];
      this.selected = chosen(shown.slice(from, to + 1).map((entry) => entry.name));
      return;
    }
    this.#anchor = at;
    if (how === 'alone') this.selected = chosen([name]);
    else if (how === 'toggle') this.selected = toggled(this.selected, name);
  }
  chooseAll(): void {
    this.selected = chosen(this.shown.map(({ name }) => name));
  }
  chooseNone(): void {
    this.selected = chosen();
  }
  toLetters(letters: string): void {
    const at = rowByLetters(this.shown, this.active, letters);
    if (at >= 0) this.choose(at, 'alone');
  }
}
