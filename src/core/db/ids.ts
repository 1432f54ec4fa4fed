import { v7 } from 'uuid';

/** A new UUID v7: ids made later sort after ids made earlier, also within a millisecond of this process. */
export function newId(): string {
  return v7();
}
