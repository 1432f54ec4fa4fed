import type { Database } from '../../src/core/db/open.ts';

/**
 * Makes this process kill itself, as kill -9 does, at one of the commits that follow: the one of that number (0: none),
 * `inside` (all is written, nothing is committed) or `after`. Returns how many there were so far.
 */
export function killAtCommit(database: Database, killAt: number, moment: string): () => number {
  let commits = 0;
  const die = () => process.kill(process.pid, 'SIGKILL');
  const { tx, relaxedTx } = database;
  for (const [name, plain] of Object.entries({ tx, relaxedTx })) {
    Object.assign(database, {
      [name]: <T>(work: () => T): T => {
        if (database.raw.inTransaction) return plain(work);
        commits++;
        const isTheOne = commits === killAt;
        const result = plain(() => {
          const made = work();
          if (isTheOne && moment === 'inside') die();
          return made;
        });
        if (isTheOne) die();
        return result;
      },
    });
  }
  return () => commits;
}
