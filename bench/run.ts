/**
 * `npm run bench [-- name…]`: prints one JSON line a measurement. Names: wire, terminal-stream, terminal, dashboard, updates-fleet, schedule-scope, start, fleet-page, refresh; all by default.
 * `refresh=25` sets the number of hosts (default 25 and 50), `fleet-page=15` the seconds (default 60).
 */
import { benchDashboard } from './dashboard.ts';
import { benchFleetPage } from './fleet-page.ts';
import { benchRefresh } from './refresh.ts';
import { benchScheduleScope } from './schedule-scope.ts';
import { benchStart } from './start.ts';
import { benchTerminalProduct } from './terminal-product.ts';
import { benchTerminalStream } from './terminal-stream.ts';
import { benchUpdatesFleet } from './updates-fleet.ts';
import { benchWire } from './wire.ts';

const benches: Record<string, (count: number | null) => Promise<void>> = {
  wire: () => benchWire(),
  'terminal-stream': () => benchTerminalStream(),
  terminal: () => benchTerminalProduct(),
  dashboard: () => benchDashboard(),
  'updates-fleet': () => benchUpdatesFleet(),
  'schedule-scope': () => benchScheduleScope(),
  start: () => benchStart(),
  'fleet-page': (seconds) => benchFleetPage(seconds ?? undefined),
  refresh: async (count) => {
    for (const hosts of count === null ? [25, 50] : [count]) await benchRefresh(hosts);
  },
};

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
  const [bench = '', count] = name.split('=');
  const run = benches[bench];
  if (!run) {
    console.error(`No bench is called ${bench}. There are: ${Object.keys(benches).join(', ')}.`);
    process.exit(2);
  }
  await run(count === undefined ? null : Number(count));
}
