// `npm run check`: every static check, each with its own line; ends with a count. Continues after a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const steps = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['types of the core', 'tsc', ['-p', 'tsconfig.node.json']],
  ['types of the end-to-end tests', 'tsc', ['-p', 'tsconfig.e2e.json']],
  ['types of the page', 'svelte-check', ['--tsconfig', './tsconfig.web.json', '--fail-on-warnings']],
  ['layers', 'node', ['scripts/layers.mjs']],
  ['unused code', 'knip', []],
  ['templates', 'node', ['scripts/shellcheck.mjs']],
];

let passed = 0;
const failed = [];
for (const [name, command, args] of steps) {
  const local = `node_modules/.bin/${command}`;
  const started = Date.now();
  const run = spawnSync(existsSync(local) ? local : command, args, { encoding: 'utf8', env: withLocalBin() });
  const ok = run.status === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (ok) passed++;
  else {
    failed.push(name);
    console.log(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`.trim());
  }
}
console.log(`check: ${passed} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);

/** The project's own Node comes first, whichever Node started this script. */
function withLocalBin() {
  return { ...process.env, PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH}` };
}
