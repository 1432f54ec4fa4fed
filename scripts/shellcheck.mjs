// Renders every template with sample values and gives the result to shellcheck and `dash -n`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) < 24) {
  // The renderer is TypeScript, which the project's own Node runs as it is.
  const again = spawnSync('npm', ['exec', '--', 'node', fileURLToPath(import.meta.url)], {
    stdio: 'inherit',
  });
  process.exit(again.status ?? 1);
}

const { describeTemplate, renderTemplate } = await import('../src/core/templates/render.ts');

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = join(root, 'resources', 'templates');

/** A value that is legal for the declared type and awkward for a shell. */
function sampleOf(variable) {
  if (variable.type === 'integer') return variable.default ?? variable.min ?? 1;
  if (variable.type === 'boolean') return true;
  if (variable.type === 'enum') return variable.values[0];
  if (variable.type === 'token') return 'sample-1';
  if (variable.type === 'strings') return ["it's", 'two words', '*'];
  return `it's "two words" *`;
}

const names = readdirSync(directory)
  .filter((file) => file.endsWith('.sh.mustache') && !file.includes('.partial.'))
  .map((file) => file.slice(0, -'.sh.mustache'.length))
  .sort();
if (names.length === 0) {
  console.error(`shellcheck: no templates in ${relative(root, directory)}`);
  process.exit(1);
}

const has = (tool) => spawnSync(tool, ['-c', ':'], { stdio: 'ignore' }).error === undefined;
const checkers = [];
// SC2317, never reached: a partial's functions are not all called by each template that includes it.
if (has('shellcheck')) checkers.push(['shellcheck', '-s', 'sh', '-e', 'SC2317']);
else console.log('shellcheck: skipped, not installed (Debian package shellcheck)');
if (existsSync('/bin/dash')) checkers.push(['/bin/dash', '-n']);
else console.log('dash -n: skipped, not installed');

const work = mkdtempSync(join(tmpdir(), 'homeport-shellcheck-'));
let findings = 0;
try {
  for (const name of names) {
    const { variables } = describeTemplate(directory, name);
    const sample = Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [key, sampleOf(value)]),
    );
    const file = join(work, `${name}.sh`);
    writeFileSync(file, renderTemplate(directory, name, sample).script, { mode: 0o600 });
    for (const [tool, ...flags] of checkers) {
      const run = spawnSync(tool, [...flags, file], { encoding: 'utf8' });
      if (run.status === 0) continue;
      findings += 1;
      console.error(`${name}: ${tool} ${flags.join(' ')}\n${run.stdout}${run.stderr}`);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`shellcheck: ${names.length} scripts${checkers.length === 0 ? ' rendered, none checked' : ''}`);
process.exit(findings === 0 ? 0 : 1);
