import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { requestLock } from './single-instance.ts';
import { note, preventable, state } from './state.ts';
import { windows } from './windows.ts';

class App extends EventEmitter {
  readonly isPackaged = process.env['HOMEPORT_SIM_PACKAGED'] === '1';
  readonly ready = Promise.withResolvers<void>();
  #name = 'Electron';
  #paths = new Map<string, string>();
  #isQuitting = false;
  #isEnding = false;

  whenReady(): Promise<void> {
    return this.ready.promise;
  }
  isReady(): boolean {
    return state.isReady;
  }
  getName(): string {
    return this.#name;
  }
  setName(name: string): void {
    this.#name = name;
  }
  getVersion(): string {
    return state.version;
  }
  getAppPath(): string {
    return state.appDir;
  }
  getLocale(): string {
    return 'en-US';
  }
  setPath(name: string, value: string): void {
    if (!path.isAbsolute(value)) throw new Error('Path must be absolute');
    mkdirSync(value, { recursive: true });
    this.#paths.set(name, value);
  }
  getPath(name: string): string {
    const config = path.join(homedir(), '.config');
    const standard: Record<string, string> = {
      home: homedir(),
      appData: config,
      userData: path.join(config, this.#name),
      temp: tmpdir(),
      downloads: path.join(homedir(), 'Downloads'),
    };
    const found = this.#paths.get(name) ?? standard[name];
    if (found === undefined) throw new Error(`Failed to get '${name}' path`);
    return found;
  }
  enableSandbox(): void {
    if (state.isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
  }
  requestSingleInstanceLock(): boolean {
    return requestLock(this.getPath('userData'), (argv, cwd) => {
      this.emit('second-instance', preventable({}), argv, cwd);
    });
  }

  /** Asks the windows, then the application, and ends when nobody objects. */
  quit(): void {
    if (this.#isQuitting) return;
    const before = preventable({});
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    this.#isQuitting = true;
    void this.#closeAndEnd();
  }
  async #closeAndEnd(): Promise<void> {
    await Promise.all([...windows].map((window) => window.simClose()));
    if (windows.size > 0) {
      this.#isQuitting = false;
      return;
    }
    const will = preventable({});
    this.emit('will-quit', will);
    if (will.defaultPrevented) {
      this.#isQuitting = false;
      return;
    }
    this.emit('quit', {}, 0);
    this.exit(0);
  }

  /** Ends at once, asking nobody. */
  exit(code = 0): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const end = (): never => process.exit(code);
    if (state.chromium) state.chromium.close().then(end, end);
    else end();
  }

  /** For the simulation: a window has gone; without any the application quits, unless it listens. */
  simWindowGone(): void {
    if (windows.size > 0 || this.#isQuitting) return;
    if (!this.emit('window-all-closed')) this.quit();
  }
  /** For the simulation: the pages' process died. */
  simChromiumGone(): void {
    if (this.#isEnding) return;
    note('Chromium ended');
    process.exit(70);
  }
}

export const app = new App();
