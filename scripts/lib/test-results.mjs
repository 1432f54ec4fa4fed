// Reads what the test tools report about themselves, each into { passed, failed, skipped, failures, skips }.
import { existsSync, readFileSync } from 'node:fs';

const none = () => ({ passed: 0, failed: 0, skipped: 0, failures: [], skips: new Map() });

function addSkip(result, reason, count = 1) {
  result.skipped += count;
  result.skips.set(reason, (result.skips.get(reason) ?? 0) + count);
}

/** A group that could not run, with the number of tests in it where that is known. */
export function skippedGroup(reason, count) {
  const result = none();
  addSkip(result, reason, Math.max(1, count));
  return result;
}

/** One step: either it worked or it did not. */
export function oneStep(name, isOk) {
  const result = none();
  if (isOk) result.passed = 1;
  else {
    result.failed = 1;
    result.failures.push(name);
  }
  return result;
}

function readReport(file) {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** What ended badly without any test failing (a crash, an error in a set-up) is one failure. */
function withExit(result, exitCode, name) {
  if (exitCode !== 0 && result.failed === 0) {
    result.failed = 1;
    result.failures.push(`${name} ended with exit code ${exitCode}`);
  }
  return result;
}

/** The output of `npm run check`: each line `ok name` or `FAILED name` is one. */
export function readCheck(output, exitCode) {
  const result = none();
  for (const line of output.split('\n')) {
    if (/^ok {5}\S/.test(line)) result.passed += 1;
    const failed = /^FAILED (.*?)(?: \([\d.]+ s\))?$/.exec(line);
    if (failed) {
      result.failed += 1;
      result.failures.push(failed[1]);
    }
    const skipped = /^\S.*: skipped, (.+)$/.exec(line);
    if (skipped) addSkip(result, skipped[1]);
  }
  return withExit(result, exitCode, 'check');
}

/** Vitest's JSON report. The reason of a skip stands in the title of its group: "title (skipped: reason)". */
export function readVitest(file, exitCode, name) {
  const report = readReport(file);
  const result = none();
  for (const suite of report?.testResults ?? []) {
    let failedHere = 0;
    for (const test of suite.assertionResults) {
      const title = [...test.ancestorTitles, test.title].join(' › ');
      if (test.status === 'passed') result.passed += 1;
      else if (test.status === 'failed') {
        failedHere += 1;
        result.failures.push(title);
      } else addSkip(result, /\(skipped: ([^)]+)\)/.exec(title)?.[1] ?? title);
    }
    // A file that cannot be loaded or a set-up that throws fails without a failed test.
    if (suite.status === 'failed' && failedHere === 0) {
      failedHere = 1;
      result.failures.push(suite.name);
    }
    result.failed += failedHere;
  }
  return withExit(result, report ? exitCode : exitCode || 1, name);
}

function* playwrightTests(suite) {
  for (const spec of suite.specs ?? []) for (const test of spec.tests) yield { spec, test };
  for (const inner of suite.suites ?? []) yield* playwrightTests(inner);
}

/** Playwright's JSON report. */
export function readPlaywright(file, exitCode, name) {
  const report = readReport(file);
  const result = none();
  for (const suite of report?.suites ?? []) {
    for (const { spec, test } of playwrightTests(suite)) {
      const title = `${test.projectName} › ${spec.title}`;
      if (test.status === 'expected') result.passed += 1;
      else if (test.status === 'skipped') {
        const reason = test.annotations.find((one) => one.type === 'skip' && one.description)?.description;
        addSkip(result, reason ?? `${title} (not reached)`);
      } else {
        result.failed += 1;
        result.failures.push(title);
      }
    }
  }
  return withExit(result, report ? exitCode : exitCode || 1, name);
}

/** How many tests `playwright test --list --reporter=json` names. */
export function countListed(json) {
  try {
    return JSON.parse(json).suites.reduce((sum, suite) => sum + [...playwrightTests(suite)].length, 0);
  } catch {
    return 1;
  }
}

export function sum(results) {
  const total = none();
  for (const result of results) {
    total.passed += result.passed;
    total.failed += result.failed;
    for (const [reason, count] of result.skips) addSkip(total, reason, count);
    total.failures.push(...result.failures);
  }
  return total;
}
