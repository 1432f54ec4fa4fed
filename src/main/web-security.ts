import { shell, type App, type Session, type WebContents } from 'electron';
import { externalUrl, isOwnUrl, ownWindowTarget } from './origin.ts';

/** The one permission a page of ours has: to write what was selected to the clipboard. */
const grantedPermission = 'clipboard-sanitized-write';

/** No device, camera, notification or other permission for any page. */
export function refusePermissions(session: Session): void {
  const isGranted = (permission: string, url: string): boolean =>
    permission === grantedPermission && isOwnUrl(url);
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(isGranted(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, origin));
  session.setDevicePermissionHandler(() => false);
}

function openOutside(url: string, onFailure: (error: unknown) => void): void {
  const allowed = externalUrl(url);
  if (allowed) shell.openExternal(allowed).catch(onFailure);
}

interface Opening {
  /** Shows that address of our page in a new window. */
  readonly openWindow: (target: string) => void;
  readonly onFailure: (error: unknown) => void;
}

function restrict(contents: WebContents, { openWindow, onFailure }: Opening): void {
  const stayHome = (event: { preventDefault: () => void; url: string }): void => {
    if (!isOwnUrl(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stayHome);
  contents.on('will-frame-navigate', stayHome);
  contents.on('will-redirect', stayHome);
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    const target = isOwnUrl(contents.getURL()) ? ownWindowTarget(url) : null;
    if (target === null) openOutside(url, onFailure);
    else openWindow(target);
    return { action: 'deny' };
  });
}

/**
 * Every page there will ever be stays on our origin and opens no window; https links go to the system's browser. A window
 * of terminals that our page asks for is made by us, with the same preload and limits as any other.
 */
export function restrictPages(app: App, opening: Opening): void {
  app.on('web-contents-created', (_event, contents) => {
    restrict(contents, opening);
  });
}
