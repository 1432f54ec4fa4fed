import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { CoreContext } from '../../src/core/context.ts';
import { createCore, openContext } from '../../src/core/index.ts';
import { startGateway } from '../../src/gateway/server.ts';
import { contract, type HomeportClient } from '../../src/shared/contract/index.ts';
import { createClient } from '../../src/shared/wire/client.ts';
import { serveWire } from '../../src/shared/wire/server.ts';
import { inProcessTransports } from '../../src/shared/wire/transport.ts';
import { coreOptions } from './varied-fleet.ts';

/** The browser host in this process, so that what runs here can write beside the core: the same core, the same gateway. */
export interface InlineHost {
  readonly context: CoreContext;
  readonly client: HomeportClient;
  /** Opens the interface once. */
  newLaunchUrl(): string;
  close(): Promise<void>;
}

/** Serves the built page (out/renderer) over a data directory. `prepare` fills the database before the core starts. */
export async function startInlineHost(
  dataDir: string,
  prepare: (context: CoreContext) => void = () => undefined,
): Promise<InlineHost> {
  const options = coreOptions(dataDir);
  const context = openContext(options);
  prepare(context);
  const core = await createCore(options, context);
  const gateway = await startGateway({
    dispatch: core.dispatch,
    findDownload: (ticket) => core.findDownload(ticket),
    rendererDir: join(resolve(import.meta.dirname, '../..'), 'out/renderer'),
    port: 0,
    controlSecret: randomBytes(32).toString('base64url'),
    log: options.log,
  });
  const [far, near] = inProcessTransports();
  serveWire(far, core.dispatch, 'web', (message, data) => options.log.error(message, data));
  return {
    context,
    client: createClient(contract, near),
    newLaunchUrl: () => gateway.newLaunchUrl(),
    async close() {
      await gateway.close();
      near.close();
      await core.close();
    },
  };
}
