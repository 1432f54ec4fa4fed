/** Set by the preload script inside Electron; absent in a browser. */
interface Window {
  readonly homeportHost?: 'electron';
}
