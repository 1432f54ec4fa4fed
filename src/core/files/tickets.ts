import { randomBytes } from 'node:crypto';
import type { CoreContext } from '../context.ts';

/** How long an address is good: a browser may ask for the rest of a download that broke. */
const goodForMs = 60 * 60 * 1000;
const mostTickets = 1_000;

/** What is on its way out of the application: a file of a machine, or an archive that a machine makes. */
export interface Download {
  readonly fileName: string;
  /** Null: nobody knows before it is whole. Then it cannot be read from the middle either. */
  readonly sizeBytes: number | null;
  /** The same while the file is the same; null for what is made anew each time. */
  readonly etag: string | null;
  /**
   * Its bytes from `offset` on. A lost link to a file is made again and the reading goes on where it stood, if the file is still the same.
   * @throws AppError file_changed, file_*, tar_missing, ssh_*; whoever stops reading ends it
   */
  read(offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

/** Addresses that cannot be guessed, each for one download. */
export interface Tickets {
  add(download: Download): string;
  /** Null when there never was such an address, or no longer is. */
  find(ticket: string): Download | null;
}

export function createTickets(context: Pick<CoreContext, 'now'>): Tickets {
  const tickets = new Map<string, { readonly download: Download; readonly untilMs: number }>();
  const nowMs = (): number => context.now().getTime();
  return {
    add(download) {
      for (const [id, one] of tickets)
        if (one.untilMs < nowMs() || tickets.size >= mostTickets) tickets.delete(id);
      const ticket = randomBytes(32).toString('base64url');
      tickets.set(ticket, { download, untilMs: nowMs() + goodForMs });
      return ticket;
    },
    find(ticket) {
      const one = tickets.get(ticket);
      return one && one.untilMs >= nowMs() ? one.download : null;
    },
  };
}
