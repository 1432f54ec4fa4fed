import type { CoreContext } from '../context.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { ArmedHosts } from '../remote/armed.ts';
import type { AttachedRuns, RemoteRuns } from '../remote/types.ts';
import type { SshDirectory, SshPool } from '../ssh/types.ts';

/** What actions work with. */
export interface ActionDeps {
  readonly context: CoreContext;
  readonly pool: SshPool;
  readonly directory: SshDirectory;
  readonly remote: RemoteRuns;
  /** Runs that live in their SSH session, where a machine may keep nothing. */
  readonly attached: AttachedRuns;
  /** Runs that are handed to a host ahead of their time. */
  readonly armed: ArmedHosts;
  readonly credentials: Credentials;
  /** Folder of the script templates. */
  readonly templatesDir: string;
}
