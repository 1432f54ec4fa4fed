import type { CoreContext } from '../context.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { RemoteRuns } from '../remote/types.ts';
import type { SshDirectory, SshPool } from '../ssh/types.ts';

/** What actions work with. */
export interface ActionDeps {
  readonly context: CoreContext;
  readonly pool: SshPool;
  readonly directory: SshDirectory;
  readonly remote: RemoteRuns;
  readonly credentials: Credentials;
  /** Folder of the script templates. */
  readonly templatesDir: string;
}
