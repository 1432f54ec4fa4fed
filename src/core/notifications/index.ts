export { createDesktopNotices, type DesktopNotice } from './desktop.ts';
export { notificationHandlers } from './handlers.ts';
export { watchVaultWaits } from './vault-wait.ts';
