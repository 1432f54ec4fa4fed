import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  countListed,
  oneStep,
  readCheck,
  readPlaywright,
  readVitest,
  skippedGroup,
  sum,
} from './lib/test-results.mjs';

/** The counters are plain JavaScript, for the Node that a machine happens to have. */
interface Counted {
  readonly skips: ReadonlyMap<string, number>;
}

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'homeport-test-'));
  file = path.join(dir, 'report.json');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});
const write = (report: unknown): void => {
  writeFileSync(file, JSON.stringify(report));
};

describe('static checks', () => {
  test('each line is one', () => {
    const output = 'ok     format (1.2 s)\nFAILED lint (3.0 s)\n  a.ts: 1 error\ncheck: 1 passed, 1 failed\n';
    expect(readCheck(output, 1)).toMatchObject({ passed: 1, failed: 1, failures: ['lint'] });
  });
  test('a crash without a failed line is a failure', () => {
    expect(readCheck('', 137)).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('vitest', () => {
  const suite = (status: string, tests: [string, string[], string][]) => ({
    name: '/x/a.test.ts',
    status,
    assertionResults: tests.map(([state, ancestorTitles, title]) => ({
      status: state,
      ancestorTitles,
      title,
    })),
  });

  test('counts, names failures, reads the reason of a skip', () => {
    write({
      testResults: [
        suite('failed', [
          ['passed', ['a'], 'one'],
          ['failed', ['a'], 'two'],
          ['pending', ['hosts (skipped: the testbed needs root on Linux)'], 'three'],
        ]),
      ],
    });
    const result = readVitest(file, 1, 'unit') as Counted;
    expect(result).toMatchObject({ passed: 1, failed: 1, skipped: 1, failures: ['a › two'] });
    expect([...result.skips]).toEqual([['the testbed needs root on Linux', 1]]);
  });
  test('a file that cannot be loaded is a failure', () => {
    write({ testResults: [suite('failed', [])] });
    expect(readVitest(file, 1, 'unit')).toMatchObject({ failed: 1, failures: ['/x/a.test.ts'] });
  });
  test('no report is a failure, whatever the exit code', () => {
    expect(readVitest(file, 0, 'unit')).toMatchObject({ passed: 0, failed: 1 });
    writeFileSync(file, '{');
    expect(readVitest(file, 0, 'unit')).toMatchObject({ failed: 1 });
  });
  test('an unhandled error after all tests passed is a failure', () => {
    write({ testResults: [suite('passed', [['passed', [], 'one']])] });
    expect(readVitest(file, 1, 'unit')).toMatchObject({ passed: 1, failed: 1 });
  });
});

describe('playwright', () => {
  const spec = (title: string, status: string, annotations: object[] = []) => ({
    title,
    tests: [{ projectName: 'browser', status, annotations }],
  });
  const report = {
    suites: [
      {
        specs: [spec('one', 'expected')],
        suites: [
          {
            specs: [
              spec('two', 'unexpected'),
              spec('three', 'flaky'),
              spec('four', 'skipped', [{ type: 'skip', description: 'no Electron here' }]),
              spec('five', 'skipped'),
            ],
          },
        ],
      },
    ],
  };
  test('counts at every depth; flaky is failed', () => {
    write(report);
    const result = readPlaywright(file, 1, 'e2e') as Counted;
    expect(result).toMatchObject({ passed: 1, failed: 2, skipped: 2 });
    expect([...result.skips.keys()]).toEqual(['no Electron here', 'browser › five (not reached)']);
  });
  test('an error outside of any test is a failure', () => {
    write({ suites: [{ specs: [spec('one', 'expected')] }] });
    expect(readPlaywright(file, 1, 'e2e')).toMatchObject({ passed: 1, failed: 1 });
  });
  test('a list tells how many there are; what is no list counts one', () => {
    expect(countListed(JSON.stringify(report))).toBe(5);
    expect(countListed('not JSON')).toBe(1);
  });
});

test('parts add up', () => {
  const total = sum([
    oneStep('build', true),
    oneStep('other', false),
    skippedGroup('no root', 3),
    skippedGroup('no root', 0),
  ]) as Counted;
  expect(total).toMatchObject({ passed: 1, failed: 1, skipped: 4, failures: ['other'] });
  expect([...total.skips]).toEqual([['no root', 4]]);
});
