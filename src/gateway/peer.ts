import { readFile } from 'node:fs/promises';

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** The user who owns the loopback socket `clientPort` → `serverPort`, from the text of /proc/net/tcp (proc(5)), or null. */
export function socketOwner(procNetTcp: string, clientPort: number, serverPort: number): number | null {
  for (const line of procNetTcp.split('\n').slice(1)) {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid …
    const fields = line.trim().split(/\s+/);
    const isSocket =
      fields[1]?.endsWith(`:${hexPort(clientPort)}`) === true &&
      fields[2]?.endsWith(`:${hexPort(serverPort)}`) === true;
    if (isSocket) return Number(fields[7]);
  }
  return null;
}

/**
 * False when the other end of a loopback connection belongs to another user of this computer, who may have read the
 * launch URL from a process list. Root is let in (it can read our memory; WSL's relay runs as root). Where the owner cannot
 * be told, and outside Linux, the token alone decides.
 */
export async function isOwnPeer(clientPort: number, serverPort: number): Promise<boolean> {
  if (process.platform !== 'linux' || !process.getuid) return true;
  let table: string;
  try {
    table = await readFile('/proc/net/tcp', 'utf8');
  } catch {
    return true;
  }
  const owner = socketOwner(table, clientPort, serverPort);
  return owner === null || owner === 0 || owner === process.getuid();
}
