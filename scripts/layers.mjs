// dependency-cruiser with a floor: a TypeScript that it cannot parse reads 0 modules and reports success.
import { spawnSync } from 'node:child_process';

const FEWEST_MODULES = 80;
const run = spawnSync(
  'node_modules/.bin/depcruise',
  ['src', 'e2e', 'bench', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
  { encoding: 'utf8', maxBuffer: 1 << 28 },
);
if (run.error || !run.stdout) {
  console.log(run.stderr || String(run.error));
  process.exit(1);
}
const { summary, modules } = JSON.parse(run.stdout);
const own = modules.filter((m) => m.source.startsWith('src/') && !m.couldNotResolve);
for (const v of summary.violations) {
  console.log(
    `${v.rule.name}: ${v.from} -> ${v.to}${v.cycle ? ` (${v.cycle.map((c) => c.name ?? c).join(' -> ')})` : ''}`,
  );
}
const withImports = own.filter((m) => m.dependencies.length > 0).length;
if (own.length < FEWEST_MODULES || withImports < FEWEST_MODULES / 2) {
  console.log(
    `only ${own.length} modules (${withImports} with imports) were read; at least ${FEWEST_MODULES} are expected`,
  );
  process.exit(1);
}
console.log(`layers: ${own.length} modules, ${summary.error} errors`);
process.exit(summary.error > 0 || summary.violations.length > 0 ? 1 : 0);
