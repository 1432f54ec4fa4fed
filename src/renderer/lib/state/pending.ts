export interface Pending<T, P> {
  /** What the core said last, with the changes that it has not answered yet. */
  readonly value: T;
  /** The core says what it holds now. */
  take(known: T): void;
  /** A change is on its way; call what is returned with the core's answer, or with undefined when it refused. */
  begin(change: P): (answer: T | undefined) => void;
}

/**
 * Changes that hold before the core has answered. A state of the core that comes meanwhile, and may be older than they
 * are, does not undo them; each is let go with its own answer.
 */
export function createPending<T, P>(first: T, patch: (before: T, change: P) => T): Pending<T, P> {
  let known = first;
  let changes: { readonly change: P }[] = [];
  return {
    get value() {
      return changes.reduce((value, { change }) => patch(value, change), known);
    },
    take(next) {
      known = next;
    },
    begin(change) {
      const mine = { change };
      changes.push(mine);
      return (answer) => {
        changes = changes.filter((one) => one !== mine);
        if (answer !== undefined) known = answer;
      };
    },
  };
}
