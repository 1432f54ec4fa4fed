import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';

const announcement = z.object({
  pid: z.number().int(),
  port: z.number().int().min(1).max(65_535),
  controlSecret: z.string().min(32),
});
export type Announcement = z.infer<typeof announcement>;

const fileIn = (dataDir: string): string => path.join(dataDir, 'gateway.json');

/** Tells a second start of the same user where the running one is. */
export function announce(dataDir: string, running: Announcement): void {
  writeFileSync(fileIn(dataDir), JSON.stringify(running), { mode: 0o600 });
}

export function withdraw(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}

function read(dataDir: string): Announcement | null {
  try {
    return announcement.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
  } catch {
    // Missing, or left half-written by a crash: nobody is there to be asked. The database's own lock decides.
    return null;
  }
}

/** As `askRunning`, for an instance that is still starting: tries for up to `withinMs`. */
export async function awaitRunning(dataDir: string, withinMs: number): Promise<string | null> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const url = await askRunning(dataDir);
    if (url !== null || performance.now() > deadline) return url;
    await setTimeout(100);
  }
}

/** A fresh launch URL from the browser host that runs on this data directory, or null when none answers. */
export async function askRunning(dataDir: string): Promise<string | null> {
  const running = read(dataDir);
  if (!running) return null;
  try {
    const response = await fetch(`http://127.0.0.1:${running.port}/launch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${running.controlSecret}` },
      signal: AbortSignal.timeout(2_000),
    });
    const text = await response.text();
    return response.ok && text.startsWith(`http://127.0.0.1:${running.port}/open?t=`) ? text : null;
  } catch {
    return null;
  }
}
