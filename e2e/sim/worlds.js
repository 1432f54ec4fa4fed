/* global window */
// What runs inside a simulated window's page before anything else. Both functions are sent to Chromium as source text.

/** The page's own world: receives what the preload exposes. @param {string} channel an event name nobody else knows */
export function pageWorld(channel) {
  if (window.top !== window) return;
  window.addEventListener(channel, (event) => {
    event.stopImmediatePropagation();
    const { key, value } = event.detail;
    if (key in window) throw new Error(`exposed twice: ${key}`);
    Object.defineProperty(window, key, { value, enumerable: true });
  });
  // Headless Chromium fetches what a link with `download` leads to past the protocol that serves this page.
  const click = window.HTMLAnchorElement.prototype.click;
  window.HTMLAnchorElement.prototype.click = function () {
    if (!this.hasAttribute('download') || this.protocol !== window.location.protocol) click.call(this);
    else
      window.dispatchEvent(
        new CustomEvent(`${channel}-download`, { detail: { url: this.href, name: this.download } }),
      );
  };
}

/** The preload's isolated world: its `electron` module, and the line to the main process. */
export function preloadWorld(options, makeCodec, runPreload) {
  if (window.top !== window) return;
  const codec = makeCodec({
    encode: (bytes) => bytes.toBase64(),
    decode: (text) => Uint8Array.fromBase64(text),
  });
  const tell = (message) => globalThis.__simTell(JSON.stringify(message));
  const listeners = new Map();
  const ports = new Map();

  const listenersOf = (channel) => {
    if (!listeners.has(channel)) listeners.set(channel, []);
    return listeners.get(channel);
  };
  const ipcRenderer = {
    on(channel, listener) {
      listenersOf(channel).push(listener);
      return ipcRenderer;
    },
    off(channel, listener) {
      listeners.set(
        channel,
        listenersOf(channel).filter((other) => other !== listener),
      );
      return ipcRenderer;
    },
    send(channel, ...values) {
      tell({ t: 'send', channel, values: codec.encode(window.structuredClone(values)) });
    },
  };
  const contextBridge = {
    exposeInMainWorld(key, value) {
      if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
        throw new Error('Only plain values are simulated in exposeInMainWorld');
      }
      window.dispatchEvent(new CustomEvent(options.channel, { detail: { key, value } }));
    },
  };

  /** The page's end of a channel whose other end is in the main process. */
  const openPort = (id) => {
    const { port1, port2 } = new MessageChannel();
    ports.set(id, port1);
    port1.onmessage = (event) => tell({ t: 'port', id, value: codec.encode(event.data) });
    port1.addEventListener('close', () => {
      if (ports.delete(id)) tell({ t: 'portClosed', id });
    });
    return port2;
  };
  const receive = (message) => {
    if (message.t === 'message') {
      const event = { sender: ipcRenderer, ports: message.ports.map(openPort) };
      for (const listener of [...listenersOf(message.channel)]) listener(event, codec.decode(message.value));
    } else if (message.t === 'port') ports.get(message.id)?.postMessage(codec.decode(message.value));
    else if (message.t === 'portClosed') {
      const port = ports.get(message.id);
      ports.delete(message.id);
      port?.close();
    }
  };
  window.addEventListener(`${options.channel}-download`, (event) => {
    event.stopImmediatePropagation();
    tell({ t: 'download', url: event.detail.url, text: event.detail.name });
  });
  globalThis.__simReceive = (text) => {
    for (const message of JSON.parse(text)) receive(message);
  };

  if (!runPreload) return;
  const require = (name) => {
    if (name === 'electron' || name === 'electron/renderer') return { ipcRenderer, contextBridge };
    throw new Error(`module not found in a sandboxed preload: ${name}`);
  };
  const process = { type: 'renderer', sandboxed: true, contextIsolated: true, platform: options.platform };
  const module = { exports: {} };
  try {
    runPreload(require, module, module.exports, process);
  } catch (error) {
    tell({ t: 'preloadFailed', text: String(error?.stack ?? error) });
  }
}
