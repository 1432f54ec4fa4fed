import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const maxSessions = 64;
const maxLaunchTokens = 16;
const launchTokenLivesMs = 12 * 60 * 60 * 1000;

const newToken = (): string => randomBytes(32).toString('base64url');
const digest = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Compares two secrets without telling by the time taken where they differ. */
export function isSameSecret(left: string, right: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(left).digest(),
    createHash('sha256').update(right).digest(),
  );
}

/** Who may use the browser host: a launch token, used once, becomes a session. Only digests are kept, in memory. */
export interface Sessions {
  /** A token for one opening, valid for 12 hours. */
  newLaunchToken(): string;
  /** The session's secret for its cookie, or null: unknown, used before, or too old. */
  redeem(launchToken: string): string | null;
  isValid(session: string): boolean;
}

export function createSessions(now: () => number = Date.now): Sessions {
  // Maps keep insertion order: the first entry is the oldest.
  const launches = new Map<string, number>();
  const sessions = new Set<string>();
  const dropOldest = (entries: Map<string, unknown> | Set<string>, max: number): void => {
    for (const key of entries.keys()) {
      if (entries.size <= max) return;
      entries.delete(key);
    }
  };
  return {
    newLaunchToken() {
      const token = newToken();
      launches.set(digest(token), now());
      dropOldest(launches, maxLaunchTokens);
      return token;
    },
    redeem(launchToken) {
      const key = digest(launchToken);
      const madeMs = launches.get(key);
      launches.delete(key);
      if (madeMs === undefined || now() - madeMs > launchTokenLivesMs) return null;
      const session = newToken();
      sessions.add(digest(session));
      dropOldest(sessions, maxSessions);
      return session;
    },
    isValid: (session) => sessions.has(digest(session)),
  };
}
