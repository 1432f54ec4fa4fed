/**
 * How a page inside Electron gets its wire. The page posts `portWanted` to itself; the preload, which sees the same
 * message, asks the main process; the main process makes a channel and the preload posts `portMessage` to the page with
 * the one port. Asking again gives a new port and closes the old wire, so a page may ask whenever it has none.
 */
export const portWanted = 'homeport:port-wanted';
export const portMessage = 'homeport:port';

/** The two channels between preload and main process behind it. */
export const portRequestChannel = 'homeport:port-request';
export const portReplyChannel = 'homeport:port-reply';

/** `window.homeportHost` inside Electron; absent in a browser, where the wire is a WebSocket to `/ws`. */
export const electronHostName = 'electron';
