import { shell, type App, type Session, type WebContents } from 'electron';
import { externalUrl, isOwnUrl } from './origin.ts';

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

function restrict(contents: WebContents, onFailure: (error: unknown) => void): void {
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
    openOutside(url, onFailure);
    return { action: 'deny' };
  });
}

/** Every page there will ever be stays on our origin and opens no window; https links go to the system's browser. */
export function restrictPages(app: App, onFailure: (error: unknown) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    restrict(contents, onFailure);
  });
}
