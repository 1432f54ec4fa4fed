import { contextBridge, ipcRenderer } from 'electron';
import {
  electronHostName,
  portMessage,
  portReplyChannel,
  portRequestChannel,
  portWanted,
} from '../shared/wire/page-port.ts';

// A pipe and nothing else: see src/shared/wire/page-port.ts. The main process checks who asks.
contextBridge.exposeInMainWorld('homeportHost', electronHostName);

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const isOwn = event.source === window && event.origin === location.origin;
  if (isOwn && event.data === portWanted) ipcRenderer.send(portRequestChannel);
});

ipcRenderer.on(portReplyChannel, (event) => {
  window.postMessage(portMessage, location.origin, event.ports);
});
