// `npm test`: everything that shows that Homeport works, from the format of its files to a real browser on real hosts.
// Plain JavaScript without dependencies: it runs on the Node that a Debian machine has, before anything is installed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './lib/bundles.mjs';
import { install, isInstalled } from './lib/dependencies.mjs';
import { nodeMissing, projectNode } from './lib/node24.mjs';
import {
  countListed,
  oneStep,
  readCheck,
  readPlaywright,
  readVitest,
  skippedGroup,
  sum,
} from './lib/test-results.mjs';
import { openTestRun } from './lib/test-run.mjs';
import { findChromium, hostsUnavailable, installPackages } from './system-packages.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const names = ['check', 'unit', 'build', 'integration', 'e2e'];
const help = `Runs all tests and ends with one line: N passed, N failed, N skipped.

  npm test -- [options]

  --only=part,part   parts of: ${names.join(', ')}
  --help             this text
`;
const minutes = 60_000;
const program = (name) => path.join(root, 'node_modules', name);

const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    });
    const only = values.only === undefined ? names : values.only.split(',');
    const unknown = only.filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new Error(`There is no part called ${unknown.join(', ')}.`);
    return { only, isHelp: values.help };
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}

/** What each part runs; each returns its counts. */
function partsOf(run, node) {
  const vitest = async (project, timeoutMs) => {
    const report = path.join(run.folder, `${project}.json`);
    const { exitCode } = await run.run(
      node,
      [
        ...[program('vitest/vitest.mjs'), 'run', '--project', project, '--passWithNoTests'],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ],
      { timeoutMs },
    );
    return readVitest(report, exitCode, project);
  };
  let isBuilt = false;

  return {
    async check(isInBackground) {
      const { exitCode, output } = await run.run(node, ['scripts/check.mjs'], {
        timeoutMs: (isInBackground ? 18 : 6) * minutes,
        isQuiet: isInBackground,
        isInBackground,
      });
      if (isInBackground) console.log(`\n== check, which ran beside the others\n${output.trimEnd()}\n`);
      return readCheck(output, exitCode);
    },
    unit: () => vitest('unit', 6 * minutes),
    integration: () => vitest('integration', 15 * minutes),
    async build() {
      const failure = build(root, node);
      if (failure) console.log(failure);
      isBuilt = failure === null;
      return oneStep('build', isBuilt);
    },
    async e2e() {
      const playwright = program('@playwright/test/cli.js');
      const missing = !isBuilt
        ? 'the build failed'
        : findChromium()
          ? null
          : 'the end-to-end tests need Chromium (Debian package chromium)';
      if (missing) {
        const list = await run.run(node, [playwright, 'test', '--list', '--reporter=json'], {
          timeoutMs: minutes,
          isQuiet: true,
        });
        return skippedGroup(missing, countListed(list.output));
      }
      const report = path.join(run.folder, 'e2e.json');
      const { exitCode } = await run.run(node, [playwright, 'test', '--reporter=list,json'], {
        timeoutMs: 15 * minutes,
        env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
      });
      return readPlaywright(report, exitCode, 'e2e');
    },
  };
}

function printSummary(results, found) {
  const total = sum(results);
  console.log('\n== Summary');
  for (const { name, passed, failed, skipped, time } of results) {
    console.log(`${name.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped (${time})`);
  }
  for (const failure of total.failures) console.log(`failed: ${failure}`);
  for (const [reason, count] of total.skips) console.log(`skipped: ${count} × ${reason}`);
  for (const sentence of found) console.log(`left over: ${sentence}`);
  return total;
}

function printClosingLine({ passed, failed, skipped }) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

/** Node, packages and programs. @returns the Node to use, or null when nothing can be run */
function prepare(only) {
  console.log('== Preparation');
  const started = Date.now();
  if (!isInstalled(root)) {
    const failure = install(root);
    if (failure) {
      console.log(failure);
      return null;
    }
  }
  const node = projectNode(root);
  if (!node) {
    console.log(nodeMissing);
    return null;
  }
  if (only.some((name) => name !== 'build')) {
    const missing = installPackages({ isBrowserNeeded: true });
    if (missing) console.log(missing);
  }
  const unavailable = hostsUnavailable();
  if (unavailable) console.log(`Tests on real hosts are skipped: ${unavailable}.`);
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  console.log(`Homeport ${version}, ${node} (${seconds(started)})`);
  return node;
}

async function main() {
  const { only, isHelp } = readOptions();
  if (isHelp) {
    console.log(help);
    return 0;
  }
  const node = prepare(only);
  if (!node) {
    printClosingLine({ passed: 0, failed: 1, skipped: 0 });
    return 1;
  }
  const run = openTestRun({ root, node });
  const results = [];
  let found;
  try {
    const parts = partsOf(run, node);
    // These drive what was built: building is never left out for them.
    const needsBuild = only.includes('integration') || only.includes('e2e');
    const chosen = names.filter((name) => only.includes(name) || (name === 'build' && needsBuild));
    const runPart = async (name, isInBackground) => {
      const started = Date.now();
      const counts = await parts[name](isInBackground);
      results.push({ name, ...counts, time: seconds(started) });
    };
    // The tests mostly wait for hosts: what only calculates runs meanwhile, and takes no time from them.
    const beside = chosen.length > 1 && chosen.includes('check') ? runPart('check', true) : null;
    for (const name of chosen) {
      if (run.stoppedBy) break;
      if (name === 'check' && beside) continue;
      console.log(`\n== ${name}`);
      await runPart(name, false);
    }
    await beside;
    results.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  } finally {
    found = await run.close();
  }
  const total = printSummary(results, found);
  if (run.stoppedBy) {
    console.log(`Stopped by ${run.stoppedBy}: not everything was run.`);
    total.failed = Math.max(1, total.failed);
  }
  printClosingLine(total);
  return total.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
