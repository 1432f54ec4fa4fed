// `npm run check`: every static check, two at a time, each with its own line; ends with a count. Continues after a failure.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

// The longest first. Components are linted apart: each of them brings the page's types up to date, which takes as long as
// all the rest.
const steps = [
  ['lint of components', 'eslint', ['src/**/*.svelte', '--max-warnings', '0']],
  ['lint', 'eslint', ['.', '--max-warnings', '0', '--ignore-pattern', '**/*.svelte']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['types of the core', 'tsc', ['-p', 'tsconfig.node.json']],
  ['types of the end-to-end tests', 'tsc', ['-p', 'tsconfig.e2e.json']],
  ['types of the page', 'svelte-check', ['--tsconfig', './tsconfig.web.json', '--fail-on-warnings']],
  ['layers', 'node', ['scripts/layers.mjs']],
  ['unused code', 'knip', []],
  ['templates', 'node', ['scripts/shellcheck.mjs']],
];

let passed = 0;
const failed = [];
const waiting = [...steps];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, runNext));
console.log(`check: ${passed} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);

async function runNext() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await runStep(step);
}

async function runStep([name, command, args]) {
  const local = `node_modules/.bin/${command}`;
  const started = Date.now();
  const { ok, output } = await outcome(existsSync(local) ? local : command, args);
  const took = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${took} s)`);
  if (ok) {
    passed++;
    return;
  }
  failed.push(name);
  console.log(output.trim());
}

function outcome(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: withLocalBin() });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.on('error', (error) => resolve({ ok: false, output: `${output}${error}` }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/** The project's own Node comes first, whichever Node started this script. */
function withLocalBin() {
  return { ...process.env, PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH}` };
}
