import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { hasCrlf } from './line-ends.ts';

export interface CodeEditor {
  text(): string;
  /** Puts another text in its place, as one change that can be undone. */
  replace(text: string): void;
  wrap(on: boolean): void;
  focus(): void;
  find(): void;
  dispose(): void;
}

interface Options {
  readonly text: string;
  readonly label: string;
  readonly isWrapped: boolean;
  /** The editor's own English words and what stands for them. */
  readonly phrases: Readonly<Record<string, string>>;
  readonly isReadOnly?: boolean;
  onChange?(): void;
  onSave?(): void;
}

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: 'var(--text-m)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': {
    color: 'var(--text-faint)',
    backgroundColor: 'var(--surface-sunken)',
    borderRight: '1px solid var(--border)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--surface-hover)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--surface-selected)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warning-soft)', outline: '1px solid var(--warning)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '.cm-specialChar': { color: 'var(--danger)' },
  '.cm-panels': { color: 'var(--text)', backgroundColor: 'var(--surface-sunken)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--border)' },
  '.cm-textfield': {
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    border: '1px solid var(--border-strong)',
    borderRadius: 'var(--radius-s)',
  },
  '.cm-button': {
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    backgroundImage: 'none',
    border: '1px solid var(--border-strong)',
    borderRadius: 'var(--radius-s)',
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text-muted)' },
});

/**
 * An editor in a shadow tree of `host`: there CodeMirror gives its styles as constructed sheets, which the page's policy
 * allows, and not as `<style>` elements, which it refuses. See docs/decisions/0010-files-forwards-recordings.md.
 */
export function createCodeEditor(host: HTMLElement, options: Options): CodeEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const wrapping = new Compartment();
  const separator = hasCrlf(options.text) ? '\r\n' : '\n';
  const state = EditorState.create({
    doc: options.text,
    extensions: [
      EditorState.lineSeparator.of(separator),
      EditorState.phrases.of(options.phrases),
      EditorState.readOnly.of(options.isReadOnly === true),
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSelectionMatches(),
      search(),
      wrapping.of(options.isWrapped ? EditorView.lineWrapping : []),
      keymap.of([
        {
          key: 'Mod-s',
          run: () => {
            options.onSave?.();
            return true;
          },
        },
        ...searchKeymap,
        ...historyKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) options.onChange?.();
      }),
      theme,
    ],
  });
  const view = new EditorView({ state, root, parent: root });
  return {
    text: () => view.state.sliceDoc(),
    replace(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(text) } });
    },
    wrap(on) {
      view.dispatch({ effects: wrapping.reconfigure(on ? EditorView.lineWrapping : []) });
    },
    focus() {
      view.focus();
    },
    find() {
      openSearchPanel(view);
    },
    dispose() {
      view.destroy();
    },
  };
}
