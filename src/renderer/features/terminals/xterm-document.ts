/**
 * xterm makes `<style>` elements and `style` attributes, which the page's policy (style-src 'self') refuses. It is given a
 * document that makes elements which say the same through the CSSOM, which the policy allows: the policy stays as it is.
 * See docs/decisions/0007-terminal-styles-without-inline.md.
 */

/** Stands for a `<style>`: its text becomes a sheet of the page, which goes with the element. */
function sheetElement(): HTMLElement {
  const sheet = new CSSStyleSheet();
  const element = document.createElement('span');
  element.hidden = true;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperty(element, 'textContent', {
    get: () => '',
    set: (css: string) => {
      sheet.replaceSync(css);
    },
  });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

/** As `setAttribute`, but a `style` is set through the CSSOM. */
function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

// The spans of a row are made by the page's own document whenever a row is drawn: there is no moment to cover. What the
// policy is against, a `style` in markup, stays refused for them as well.
Object.defineProperty(HTMLSpanElement.prototype, 'setAttribute', {
  value: setAttribute,
  configurable: true,
  writable: true,
});

function createElement(tag: string, options?: ElementCreationOptions): HTMLElement {
  if (tag === 'style') return sheetElement();
  const element = Document.prototype.createElement.call(document, tag, options);
  element.setAttribute = setAttribute;
  return element;
}

/** For xterm's option `documentOverride`: the page's document in all else. */
export const xtermDocument: Document = new Proxy(document, {
  get(target, name) {
    if (name === 'createElement') return createElement;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? (value.bind(target) as unknown) : value;
  },
});

/**
 * While `open` runs, the page's own document makes elements in the same way and belongs to the given window: parts of xterm
 * know no other document, and take the window from it.
 */
export function openInPage(view: Window, open: () => void): void {
  const giveBack = [substitute('createElement', createElement), substitute('defaultView', view)];
  try {
    open();
  } finally {
    for (const back of giveBack) back();
  }
}

/** Puts a value in front of the document's own; returns how to take it away. */
function substitute(name: 'createElement' | 'defaultView', value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(document, name);
  Object.defineProperty(document, name, { value, configurable: true });
  return () => {
    if (own) Object.defineProperty(document, name, own);
    else Reflect.deleteProperty(document, name);
  };
}
