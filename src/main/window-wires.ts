import { ipcMain, MessageChannelMain, type IpcMainEvent, type WebContents } from 'electron';
import type { Log } from '../core/context.ts';
import type { Dispatch } from '../shared/wire/dispatch.ts';
import { portReplyChannel, portRequestChannel } from '../shared/wire/page-port.ts';
import { portTransport } from '../shared/wire/port-transport.ts';
import { serveWire, type ServedWire } from '../shared/wire/server.ts';
import { isOwnUrl } from './origin.ts';

/** Only the top frame of a page of ours; a frame that is gone has no URL to check. */
function isOwnSender(event: IpcMainEvent): boolean {
  const { senderFrame } = event;
  return senderFrame !== null && senderFrame.parent === null && isOwnUrl(senderFrame.url);
}

/** Gives each window one wire to the core when its page asks; a page that asks again replaces its wire. */
export function serveWindows(dispatch: Dispatch, log: Log): { close(): void } {
  const wires = new Map<WebContents, ServedWire>();
  const fail = (message: string, details: Record<string, unknown>): void => {
    log.error(message, details);
  };
  const drop = (contents: WebContents, reason: string): void => {
    wires.get(contents)?.close(reason);
    wires.delete(contents);
  };

  const onRequest = (event: IpcMainEvent): void => {
    if (!isOwnSender(event)) {
      log.error('A foreign frame asked for the wire', { url: event.senderFrame?.url ?? null });
      return;
    }
    const { sender } = event;
    if (!wires.has(sender)) {
      sender.once('destroyed', () => {
        drop(sender, 'the window closed');
      });
    }
    drop(sender, 'the page asked for a new wire');
    const { port1, port2 } = new MessageChannelMain();
    wires.set(sender, serveWire(portTransport(port1), dispatch, 'ui', fail));
    sender.postMessage(portReplyChannel, null, [port2]);
  };

  ipcMain.on(portRequestChannel, onRequest);
  return {
    close() {
      ipcMain.off(portRequestChannel, onRequest);
      for (const contents of [...wires.keys()]) drop(contents, 'Homeport is stopping');
    },
  };
}
