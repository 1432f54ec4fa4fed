import { parseAddress } from '../../../shared/contract/address.ts';
import type { ImportMachine } from '../../../shared/contract/machines.ts';

/** A machine of the fleet as an import sees it. */
export interface Named {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
}

interface Door {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string | null;
}

/** Two machines with one door are reached at the same address; who logs in is another matter. */
export const doorOf = ({ hostname, port }: Pick<Door, 'hostname' | 'port'>): string =>
  `${hostname.toLowerCase()} ${String(port)}`;

export type FoundJump =
  | { readonly in: 'file'; readonly machine: ImportMachine }
  | { readonly in: 'fleet'; readonly machine: Named };

/**
 * Finds the machine that a jump host's text means: a name of the file, a name of the fleet, or an address of either. A
 * name that several machines of one of them have means none.
 */
export function createJumpFinder(
  file: readonly ImportMachine[],
  fleet: readonly Named[],
): (text: string) => FoundJump | null {
  const ours = indexOf(file);
  const theirs = indexOf(fleet);
  return (text) => {
    const inFile = ours.named(text);
    if (inFile) return { in: 'file', machine: inFile };
    const inFleet = theirs.named(text);
    if (inFleet) return { in: 'fleet', machine: inFleet };
    const there = ours.addressed(text);
    if (there) return { in: 'file', machine: there };
    const machine = theirs.addressed(text);
    return machine && { in: 'fleet', machine };
  };
}

function indexOf<T extends Door>(
  machines: readonly T[],
): { named(text: string): T | null; addressed(text: string): T | null } {
  const byName = Map.groupBy(machines, ({ name }) => name.toLowerCase());
  const byDoor = Map.groupBy(machines, doorOf);
  const only = (found: readonly T[] | undefined): T | null =>
    found?.length === 1 ? (found[0] ?? null) : null;
  return {
    named: (text) => only(byName.get(text.toLowerCase())),
    addressed(text) {
      const parsed = parseAddress(text);
      if (!parsed.ok) return null;
      const { username } = parsed.address;
      return only(
        byDoor
          .get(doorOf(parsed.address))
          ?.filter((one) => username === null || one.username === null || one.username === username),
      );
    },
  };
}

/** Whether the jump hosts of a machine of the file lead round in a circle. */
export function leadsBack(machine: ImportMachine, find: (text: string) => FoundJump | null): boolean {
  const passed = new Set<ImportMachine>();
  for (let now: ImportMachine = machine; now.jumpHost !== null;) {
    if (passed.has(now)) return true;
    passed.add(now);
    const next = find(now.jumpHost);
    if (next?.in !== 'file') return false;
    now = next.machine;
  }
  return false;
}
