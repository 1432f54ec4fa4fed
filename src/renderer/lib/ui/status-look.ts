/** How a status looks; each has an icon of its own beside its colour. */
export type StatusLook =
  | 'ok'
  | 'info'
  | 'note'
  | 'warning'
  | 'error'
  | 'security'
  | 'running'
  | 'queued'
  | 'cancelled'
  | 'blocked'
  | 'unreachable'
  | 'unknown';
