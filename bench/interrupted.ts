import { spawnSync, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

const testbedProgram = resolve(import.meta.dirname, '../e2e/testbed/cli.ts');
const children = new Set<ChildProcess>();
const testbeds = new Set<string>();

/** It is killed with this process, however that ends but for kill -9. */
export function endWithBench(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** Calls `work` for the testbed of that name, which is taken down also when this process is interrupted meanwhile. */
export async function withTestbed<T>(name: string, work: (name: string) => Promise<T>): Promise<T> {
  testbeds.add(name);
  try {
    return await work(name);
  } finally {
    testbeds.delete(name);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
// A reader of the figures that goes away.
process.stdout.on('error', () => process.exit(1));
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const name of testbeds) {
    spawnSync(process.execPath, [testbedProgram, 'down', '--name', name], { stdio: 'inherit' });
  }
});
