import { BrowserWindow, Notification } from 'electron';
import type { DesktopNotice } from '../core/notifications/index.ts';

interface NoticeOptions {
  /** Brings a window to the front, a new one if there is none, and shows that address in it. */
  readonly open: (target: string) => void;
}

/**
 * Shows notices on the desktop unless a window of ours is in use, which tells by itself. A click opens what the notice is
 * about.
 */
export function createNoticeShower({ open }: NoticeOptions): (notice: DesktopNotice) => void {
  // A notification that nothing holds is collected, and its click with it.
  const shown = new Set<Notification>();
  return ({ title, body, target }) => {
    if (!Notification.isSupported() || BrowserWindow.getFocusedWindow() !== null) return;
    const notification = new Notification({ title, body });
    shown.add(notification);
    notification.on('click', () => {
      shown.delete(notification);
      open(target);
    });
    for (const end of ['close', 'failed'] as const) {
      notification.on(end as 'close', () => {
        shown.delete(notification);
      });
    }
    notification.show();
  };
}
