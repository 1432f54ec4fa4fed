export type AddIntent = { from: 'config' } | { from: 'address'; text: string } | { from: 'this_computer' };

let intent: AddIntent | null = null;

/** How the reader chose to add a machine, handed from the welcome screen to the page that adds. */
export const addIntent = {
  give(next: AddIntent): void {
    intent = next;
  },
  /** The choice, once. */
  take(): AddIntent | null {
    const taken = intent;
    intent = null;
    return taken;
  },
};
