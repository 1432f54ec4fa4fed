/** What the application has to know of a window to end. */
export interface OpenWindow {
  /** Resolves when the window is gone, or stays because it was asked to. */
  simClose(): Promise<void>;
}

/** Every window that is open. */
export const windows = new Set<OpenWindow>();
