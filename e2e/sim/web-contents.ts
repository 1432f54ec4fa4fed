import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fromChromium, toChromium } from './addresses.ts';
import { decodeClone, encodeClone, makeCloneCodec } from './clone-codec.ts';
import { otherEnd, type MessagePortMain } from './message-ports.ts';
import { saveDownload } from './downloads.ts';
import { servedSchemes, serveScheme, session } from './session.ts';
import { chromium, note, preventable } from './state.ts';
import { pageWorld, preloadWorld } from './worlds.js';

type Params = Record<string, unknown>;
type Down =
  | { t: 'message'; channel: string; value: string; ports: string[] }
  | { t: 'port'; id: string; value: string }
  | { t: 'portClosed'; id: string };
interface Up {
  t: 'send' | 'port' | 'portClosed' | 'download' | 'preloadFailed';
  id: string;
  channel: string;
  value: string;
  values: string;
  text: string;
  url: string;
}
interface Paused {
  requestId: string;
  resourceType: string;
  frameId: string;
  request: { url: string; method: string; headers: Record<string, string> };
}

/** Messages that pages send with ipcRenderer. */
export const ipcMain = new EventEmitter();

const preloadWorldName = 'electron-preload';
let lastId = 0;

/** A page of Chromium as Electron's WebContents: what it loads, what its preload says, where it may go. */
export class WebContents extends EventEmitter {
  readonly id = ++lastId;
  #sessionId = '';
  #targetId = '';
  #frameId = '';
  #context: number | null = null;
  #url = '';
  #isDestroyed = false;
  /** URLs that the application itself asked for: no will-navigate for them. */
  #asked = new Set<string>();
  #ports = new Map<string, MessagePortMain>();
  #outbox: Down[] = [];
  #openWindow: (details: { url: string }) => { action: 'allow' | 'deny' } = () => ({ action: 'deny' });
  #loaded: PromiseWithResolvers<void> | null = null;

  getURL(): string {
    return this.#url;
  }
  isDestroyed(): boolean {
    return this.#isDestroyed;
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'allow' | 'deny' }): void {
    this.#openWindow = handler;
  }
  get mainFrame() {
    return { url: this.#url, parent: null };
  }
  send(channel: string, ...values: unknown[]): void {
    this.#deliver({ t: 'message', channel, value: encodeClone(values[0]), ports: [] });
  }
  postMessage(channel: string, value: unknown, transfer: MessagePortMain[] = []): void {
    const ports = transfer.map((port) => this.#handOver(port));
    this.#deliver({ t: 'message', channel, value: encodeClone(value), ports });
  }

  async printToPDF(options: {
    preferCSSPageSize?: boolean;
    printBackground?: boolean;
    displayHeaderFooter?: boolean;
    headerTemplate?: string;
    footerTemplate?: string;
    generateTaggedPDF?: boolean;
    generateDocumentOutline?: boolean;
  }): Promise<Buffer> {
    const { data } = await this.#send('Page.printToPDF', {
      preferCSSPageSize: options.preferCSSPageSize ?? false,
      printBackground: options.printBackground ?? false,
      displayHeaderFooter: options.displayHeaderFooter ?? false,
      headerTemplate: options.headerTemplate ?? '',
      footerTemplate: options.footerTemplate ?? '',
      generateTaggedPDF: options.generateTaggedPDF ?? false,
      generateDocumentOutline: options.generateDocumentOutline ?? false,
    });
    return Buffer.from(data as string, 'base64');
  }

  /** For the simulation: makes the page, with its two worlds, without loading anything. */
  async simOpen(preload: string | undefined, size: { width: number; height: number }): Promise<void> {
    const { cdp } = chromium();
    const { targetId } = await cdp.send('Target.createTarget', {
      url: 'about:blank',
      ...size,
      newWindow: true,
    });
    this.#targetId = targetId as string;
    const attached = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
    this.#sessionId = attached['sessionId'] as string;
    cdp.listen(this.#sessionId, (method, params) => {
      this.#onEvent(method, params);
    });
    await this.#send('Page.enable');
    await this.#send('Runtime.enable');
    const { frameTree } = await this.#send('Page.getFrameTree');
    this.#frameId = (frameTree as { frame: { id: string } }).frame.id;
    const channel = `sim-${crypto.randomUUID()}`;
    await this.#send('Page.addScriptToEvaluateOnNewDocument', {
      source: `(${pageWorld.toString()})(${JSON.stringify(channel)})`,
    });
    await this.#send('Runtime.addBinding', { name: '__simTell', executionContextName: preloadWorldName });
    const code =
      preload === undefined
        ? 'null'
        : `(require, module, exports, process) => {${readFileSync(preload, 'utf8')}\n}`;
    const options = JSON.stringify({ channel, platform: process.platform });
    await this.#send('Page.addScriptToEvaluateOnNewDocument', {
      worldName: preloadWorldName,
      source: `(${preloadWorld.toString()})(${options}, ${makeCloneCodec.toString()}, ${code})`,
    });
    await this.#send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  }

  /** For the simulation: a page whose preferences say `javascript: false`. */
  async simWithoutScript(): Promise<void> {
    await this.#send('Emulation.setScriptExecutionDisabled', { value: true });
  }

  /** For the simulation: see BrowserWindow.loadURL. */
  async simLoad(url: string): Promise<void> {
    const real = toChromium(url, servedSchemes());
    this.#asked.add(real);
    this.#loaded = Promise.withResolvers();
    const { errorText } = await this.#send('Page.navigate', { url: real });
    if (typeof errorText === 'string') throw new Error(`${errorText} loading '${url}'`);
    await this.#loaded.promise;
  }

  async simCloseTarget(): Promise<void> {
    if (!this.#isDestroyed) await chromium().cdp.send('Target.closeTarget', { targetId: this.#targetId });
  }
  simIsTarget(targetId: unknown): boolean {
    return targetId === this.#targetId;
  }
  simDestroyed(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    chromium().cdp.forget(this.#sessionId);
    this.#closePorts();
    this.#loaded?.reject(new Error('ERR_ABORTED: the window closed'));
    this.emit('destroyed');
  }

  #send(method: string, params: Params = {}): Promise<Params> {
    return chromium().cdp.send(method, params, this.#sessionId);
  }
  /** For what need not be waited for; a page that went away meanwhile is no failure. */
  #tell(method: string, params: Params): void {
    this.#send(method, params).catch((error: unknown) => {
      if (!this.#isDestroyed && !String(error).includes('Cannot find context')) {
        note(`${method} failed: ${String(error)}`);
      }
    });
  }

  #handOver(port: MessagePortMain): string {
    const here = otherEnd(port);
    const id = crypto.randomUUID();
    this.#ports.set(id, here);
    here.simConnect({
      message: (value) => {
        this.#deliver({ t: 'port', id, value: encodeClone(value) });
      },
      close: () => {
        this.#ports.delete(id);
        this.#deliver({ t: 'portClosed', id });
      },
    });
    return id;
  }
  #closePorts(): void {
    const ports = [...this.#ports.values()];
    this.#ports.clear();
    this.#outbox = [];
    for (const port of ports) port.simPeerClosed();
  }

  /** Joins what is said within one turn: a call of the protocol costs more than a message. */
  #deliver(message: Down): void {
    if (this.#isDestroyed) return;
    this.#outbox.push(message);
    if (this.#outbox.length === 1)
      setImmediate(() => {
        this.#flush();
      });
  }
  #flush(): void {
    const messages = this.#outbox.splice(0);
    if (messages.length === 0 || this.#isDestroyed || this.#context === null) return;
    this.#tell('Runtime.callFunctionOn', {
      executionContextId: this.#context,
      functionDeclaration: '(text) => globalThis.__simReceive(text)',
      arguments: [{ value: JSON.stringify(messages) }],
    });
  }

  #onEvent(method: string, params: Params): void {
    switch (method) {
      case 'Runtime.executionContextCreated': {
        const context = params['context'] as { id: number; name: string; auxData?: { frameId?: string } };
        const isOurs = context.name === preloadWorldName && context.auxData?.frameId === this.#frameId;
        if (isOurs) this.#context = context.id;
        break;
      }
      case 'Runtime.executionContextDestroyed':
        if (params['executionContextId'] === this.#context) this.#leavePage();
        break;
      case 'Runtime.executionContextsCleared':
        this.#leavePage();
        break;
      case 'Runtime.bindingCalled':
        if (params['executionContextId'] === this.#context)
          this.#onUp(JSON.parse(params['payload'] as string) as Up);
        break;
      case 'Page.frameNavigated': {
        const frame = params['frame'] as { id: string; url: string };
        if (frame.id === this.#frameId) this.#url = fromChromium(frame.url);
        break;
      }
      case 'Page.navigatedWithinDocument':
        if (params['frameId'] !== this.#frameId) break;
        this.#url = fromChromium(params['url'] as string);
        this.#loaded?.resolve();
        break;
      case 'Page.loadEventFired':
        if (this.#url === 'about:blank') break;
        this.emit('did-finish-load');
        this.#loaded?.resolve();
        break;
      case 'Page.windowOpen': {
        const url = fromChromium(params['url'] as string);
        // The popup itself is closed by the window list, whatever the answer: allowing is not simulated.
        if (this.#openWindow({ url }).action !== 'deny') throw new Error('Opening windows is not simulated');
        break;
      }
      case 'Fetch.requestPaused':
        this.#answer(params as unknown as Paused).catch((error: unknown) => {
          if (!this.#isDestroyed) note(`a request failed: ${String(error)}`);
        });
        break;
      default:
        break;
    }
  }
  #leavePage(): void {
    this.#context = null;
    this.#closePorts();
  }

  #onUp(message: Up): void {
    switch (message.t) {
      case 'send': {
        const event = { sender: this, senderFrame: this.mainFrame, ports: [] };
        ipcMain.emit(message.channel, event, ...(decodeClone(message.values) as unknown[]));
        break;
      }
      case 'port':
        this.#ports.get(message.id)?.simReceive(decodeClone(message.value));
        break;
      case 'portClosed':
        this.#ports.get(message.id)?.simPeerClosed();
        this.#ports.delete(message.id);
        break;
      case 'download':
        saveDownload(session.defaultSession, this, fromChromium(message.url), message.text).catch(
          (error: unknown) => {
            note(`a download failed: ${String(error)}`);
          },
        );
        break;
      case 'preloadFailed':
        note(`the preload failed: ${message.text}`);
        break;
    }
  }

  async #answer({ requestId, resourceType, frameId, request }: Paused): Promise<void> {
    const refuse = (reason: string): Promise<Params> =>
      this.#send('Fetch.failRequest', { requestId, errorReason: reason });
    const url = fromChromium(request.url);
    if (resourceType === 'Document' && frameId === this.#frameId && !this.#asked.delete(request.url)) {
      const event = preventable({ url, isMainFrame: true });
      this.emit('will-navigate', event, url);
      if (event.defaultPrevented) {
        note(`stayed away from ${url}`);
        await refuse('Aborted');
        return;
      }
    }
    if (url === request.url) {
      // Nothing of the product's page comes from a network.
      note(`refused ${url}`);
      await refuse('BlockedByClient');
      return;
    }
    const response = await serveScheme(url, { method: request.method, headers: request.headers });
    await this.#send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    });
  }
}
